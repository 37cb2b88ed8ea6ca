using System.Globalization;

namespace Studio.Bench.Starter.Topics;

/// <summary>Counting and small sums, in digits.</summary>
public static class NumberTopics
{
    public static IReadOnlyList<Topic> All { get; } =
    [
        new()
        {
            Name = "plus", Label = "number", Weight = 18, Subject = "sum", Brief = "{sum}",
            Facts = random => Numbers(random.Between(1, 10), random.Between(1, 10)),
            Prompts =
            [
                "What is {a} plus {b}?", "How much is {a} plus {b}?", "What is {a} and {b} together?", "Add {a} and {b}.", "What do I get if I add {a} and {b}?",
                "[Can|Could] you add {a} and {b}?", "I have {a} apples and get {b} more. How many do I have?", "What is the sum of {a} and {b}?",
                "There are {a} cats and {b} dogs. How many animals are there?", "Please add {a} and {b}.", "How many are {a} plus {b}?",
                "Tell me what {a} plus {b} is.", "I need to know {a} plus {b}.", "{a} plus {b} is what?",
            ],
            Answers = ["{a} plus {b} is {sum}.", "It is {sum}.", "The answer is {sum}. {a} plus {b} is {sum}."],
        },
        new()
        {
            Name = "minus", Label = "number", Weight = 12, Subject = "sum", Brief = "{difference}",
            Facts = random =>
            {
                var a = random.Between(2, 12);
                return Numbers(a, random.Between(1, a - 1));
            },
            Prompts =
            [
                "Please take {b} away from {a}.",
                "What is {a} minus {b}?", "How much is {a} minus {b}?", "Take {b} away from {a}.", "What do I get if I take {b} from {a}?",
                "I have {a} apples and give {b} away. How many do I have?", "[Can|Could] you take {b} from {a}?", "How many are {a} minus {b}?",
                "There are {a} birds and {b} fly away. How many birds are left?", "Please tell me what {a} minus {b} is.", "I need to know {a} minus {b}.",
                "Tell me what {a} minus {b} is.", "{a} minus {b} is what?", "What is left if I take {b} from {a}?",
            ],
            Answers = ["{a} minus {b} is {difference}.", "It is {difference}.", "The answer is {difference}. {a} minus {b} is {difference}."],
        },
        new()
        {
            Name = "next-number", Label = "number", Weight = 8, Subject = "number", Brief = "{next}",
            Facts = random => Numbers(random.Between(1, 30), 1),
            Prompts =
            [
                "Say the number after {a}.",
                "What number comes after {a}?", "Which number comes after {a}?", "What comes after {a}?", "Which number is next after {a}?", "Tell me the number after {a}.",
                "What is the next number after {a}?", "I counted to {a}. What is next?", "Do you know the number after {a}?", "Count on from {a}. What is next?",
                "[Can|Could] you tell me the number after {a}?", "Please tell me the next number after {a}.", "Which number follows {a}?",
                "I am at {a}. Which number comes next?",
            ],
            Answers = ["{next} comes after {a}.", "The next number is {next}.", "After {a} comes {next}."],
        },
        new()
        {
            Name = "count", Label = "number", Weight = 8, Subject = "numbers", Brief = "{from} to {to}",
            Facts = random =>
            {
                var from = random.Between(1, 12);
                var to = from + random.Between(3, 9);
                return new Dictionary<string, string>
                {
                    ["from"] = Text(from), ["to"] = Text(to), ["numbers"] = string.Join(", ", Enumerable.Range(from, to - from + 1).Select(Text)),
                };
            },
            Prompts =
            [
                "Go from {from} to {to}, number by number.",
                "Count from {from} to {to}.", "[Can|Could] you count from {from} to {to}?", "Please count from {from} to {to}.", "Show me the numbers from {from} to {to}.",
                "Tell me all numbers from {from} to {to}.", "Write the numbers from {from} to {to}.", "I want to count from {from} to {to}.",
                "Let us count from {from} to {to}.", "How do I count from {from} to {to}?", "Say the numbers from {from} to {to}.",
                "Which numbers come from {from} to {to}?", "List the numbers from {from} to {to}.", "Help me count from {from} to {to}.",
            ],
            Answers = ["{numbers}.", "Here are the numbers: {numbers}.", "Let us count: {numbers}."],
        },
        new()
        {
            Name = "bigger-number", Label = "number", Weight = 8, Subject = "number", Brief = "{larger}",
            Facts = random =>
            {
                var a = random.Between(1, 30);
                var b = (a + random.Between(1, 28)) % 30 + 1;
                return new Dictionary<string, string> { ["a"] = Text(a), ["b"] = Text(b), ["larger"] = Text(Math.Max(a, b)), ["smaller"] = Text(Math.Min(a, b)) };
            },
            Prompts =
            [
                "Take {a} and {b}. Which is bigger?", "Is {a} more than {b}, or is {b} more?",
                "Which number is bigger, {a} or {b}?", "What is more, {a} or {b}?", "Is {a} or {b} the bigger number?", "Which is more, {a} or {b}?",
                "Tell me the bigger number: {a} or {b}.", "Do you know which number is bigger, {a} or {b}?", "Compare {a} and {b}. Which is more?",
                "Which one is bigger, {a} or {b}?", "Who has more, a boy with {a} coins or a girl with {b} coins?", "What number is bigger, {a} or {b}?",
                "Please tell me which is more, {a} or {b}.", "[Can|Could] you tell me which number is bigger, {a} or {b}?",
            ],
            Answers = ["{larger} is bigger than {smaller}.", "The bigger number is {larger}.", "{larger} is more than {smaller}."],
        },
    ];

    private static Dictionary<string, string> Numbers(int a, int b) => new()
    {
        ["a"] = Text(a), ["b"] = Text(b), ["sum"] = Text(a + b), ["difference"] = Text(a - b), ["next"] = Text(a + 1),
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

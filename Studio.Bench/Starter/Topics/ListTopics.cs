using Studio.Bench.Starter.World;

namespace Studio.Bench.Starter.Topics;

/// <summary>Lists of things of one kind, with two to five members.</summary>
public static class ListTopics
{
    public static IReadOnlyList<Topic> All { get; } =
    [
        new()
        {
            Name = "list", Label = "list", Weight = 40, Subject = "{subject}", Brief = "{first}",
            Facts = Members,
            FollowUps =
            [
                new()
                {
                    Name = "list-more", Label = "list", Subject = "{subject}", Brief = "{extra}",
                    Prompts = ["[And one|One] more, please.", "Another one?", "Can you name one more?", "Give me another one.", "Do you know one more?"],
                    Answers = ["One more is {extra}.", "Another one is {extra}.", "{extra}."],
                },
            ],
            Prompts =
            [
                "Name {count} {kinds}.", "List {count} {kinds}.", "Tell me {count} {kinds}.", "Give me {count} {kinds}.", "[Can|Could] you name {count} {kinds}?",
                "Please name {count} {kinds}.", "Write a list of {count} {kinds}.", "I need {count} {kinds}.", "Make a list of {count} {kinds}.",
                "What are {count} {kinds}?", "Do you know {count} {kinds}?", "Which {count} {kinds} do you know?", "I want to know {count} {kinds}.",
                "{count} {kinds}, please.", "[Can|Could] you list {count} {kinds}?", "Say {count} {kinds}.", "For my homework I need {count} {kinds}.",
            ],
            Answers = ["{members}.", "Here are {count} {kinds}: {members}.", "{count} {kinds} are {members}.", "You can say {members}."],
        },
        new()
        {
            Name = "example", Label = "list", Weight = 14, Subject = "{subject}", Brief = "{best}",
            Facts = random =>
            {
                var category = random.Pick(Categories.Nouns);
                return new Dictionary<string, string>
                {
                    ["kind"] = category.Singular, ["subject"] = category.Subject, ["member"] = random.Pick(category.Members), ["best"] = category.Members[0],
                };
            },
            Prompts =
            [
                "Name {a:kind}.", "Tell me {a:kind}.", "Give me {a:kind}.", "What is an example of {a:kind}?", "Do you know {a:kind}?", "[Can|Could] you name {a:kind}?",
                "I need {a:kind}. What can I take?", "Please name {a:kind}.", "Think of {a:kind}.", "Say the name of {a:kind}.", "Which {kind} do you know?",
                "Give me an example of {a:kind}.", "Can you think of {a:kind}?", "I am looking for {a:kind}.",
            ],
            Answers = ["{a:member} is {a:kind}.", "One example is {a:member}.", "{a:member}.", "I think of {a:member}. {a:member} is {a:kind}."],
        },
    ];

    private static Dictionary<string, string> Members(SeededRandom random)
    {
        var category = random.Pick(Categories.All);
        var count = random.Between(2, Math.Min(5, category.Members.Count - 1));
        var members = random.Sample(category.Members, count + 1);
        return new()
        {
            ["subject"] = category.Subject, ["kinds"] = category.Plural, ["count"] = Grammar.NumberWord(count),
            ["members"] = Grammar.Join([.. members.Take(count)]), ["extra"] = members[count],
            ["first"] = string.Join(", ", category.Members.Take(count)),
        };
    }
}

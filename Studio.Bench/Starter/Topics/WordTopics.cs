using Studio.Bench.Starter.World;

namespace Studio.Bench.Starter.Topics;

/// <summary>Opposites, rhymes and sentences with a given word.</summary>
public static class WordTopics
{
    public static IReadOnlyList<Topic> All { get; } =
    [
        new()
        {
            Name = "opposite", Label = "word", Weight = 20, Subject = "{word}", Brief = "{opposite}",
            Facts = Opposite,
            Prompts =
            [
                "What is the opposite of {word}?", "Tell me the opposite of {word}.", "Which word is the opposite of {word}?", "What is the other side of {word}?",
                "Give me the opposite of {word}.", "Do you know the opposite of {word}?", "I need the opposite of the word {word}.", "If it is not {word}, what is it?",
                "[Can|Could] you tell me the opposite of {word}?", "Name the opposite of {word}.", "Which word means the opposite of {word}?",
                "Please tell me the opposite of {word}.", "What word is the opposite of {word}?", "The opposite of {word} is what?",
            ],
            Answers =
            [
                "The opposite of {word} is {opposite}.", "It is {opposite}.", "{opposite} is the opposite of {word}.", "The opposite of {word} is {opposite}. That was an easy one.",
            ],
            FollowUps =
            [
                new()
                {
                    Name = "opposite-back", Label = "word", Subject = "{opposite}", Brief = "{word}",
                    Prompts = ["And the opposite of {opposite}?", "And what is the opposite of {opposite}?", "So what is the opposite of {opposite}?"],
                    Answers = ["The opposite of {opposite} is {word}.", "That is {word}, of course.", "It is {word}."],
                },
            ],
        },
        new()
        {
            Name = "rhyme", Label = "word", Weight = 8, Subject = "{word}", Brief = "{rhyme}",
            Facts = Rhyme,
            Prompts =
            [
                "What rhymes with {word}?", "Which word rhymes with {word}?", "Tell me a word that rhymes with {word}.", "Give me a rhyme for {word}.",
                "I need a rhyme for {word}.", "Find a word that rhymes with {word}.", "Do you know a rhyme for {word}?", "What is a rhyme for {word}?",
                "[Can|Could] you find a rhyme for {word}?", "Name a word that rhymes with {word}.", "I am writing a poem. What rhymes with {word}?",
                "Please give me a word that rhymes with {word}.", "Say a word that rhymes with {word}.", "Does any word rhyme with {word}?",
            ],
            Answers = ["{rhyme} rhymes with {word}.", "The word {rhyme} rhymes with {word}.", "You can use {rhyme}. It rhymes with {word}."],
        },
        new()
        {
            Name = "sentence", Label = "word", Weight = 10, Subject = "{word}", Brief = "I like the {word}",
            Facts = random =>
            {
                var place = random.Pick(People.Places);
                return new Dictionary<string, string>
                {
                    ["word"] = random.Pick(Things.Treasures), ["relative"] = random.Pick(People.Relatives), ["colour"] = random.Pick(Things.Colours),
                    ["place"] = place.Phrase, ["at"] = place.At, ["animal"] = random.Pick(Animals.All).Name,
                };
            },
            Prompts =
            [
                "I have to write a sentence with {word}.",
                "Write a sentence with the word {word}.", "Make a sentence with {word}.", "Use the word {word} in a sentence.", "Give me a sentence with the word {word}.",
                "[Can|Could] you write a sentence with {word}?", "I need a sentence with the word {word}.", "Say a sentence with {word}.",
                "Please make a sentence with the word {word}.", "How can I use the word {word} in a sentence?", "Show me a sentence with {word}.",
                "Write one sentence about {a:word}.", "Tell me a sentence that has the word {word}.", "Put the word {word} in a sentence.",
            ],
            Answers =
            [
                "My {relative} has {a:colour} {word}.", "I saw {a:word} {at}.", "The {animal} is looking at the {word}.", "There is {a:word} on the table.",
                "The {colour} {word} belongs to my {relative}.", "My {relative} found {a:word} near {place}.",
            ],
        },
        new()
        {
            Name = "poem", Label = "word", Weight = 5, Subject = "poem", Brief = "{animal}, {home}",
            Facts = random =>
            {
                var (first, home) = random.Pick<(string, string)>([("cat", "hat"), ("mouse", "house"), ("fox", "box"), ("bear", "chair"), ("goat", "boat"), ("bee", "tree")]);
                var (second, place) = random.Pick<(string, string)>([("moon", "spoon"), ("star", "car"), ("sun", "fun"), ("rain", "train"), ("snow", "crow")]);
                return new Dictionary<string, string> { ["animal"] = first, ["home"] = home, ["second"] = second, ["place"] = place };
            },
            Prompts =
            [
                "Let me hear a poem about {a:animal}.",
                "Write a [short|little|tiny] poem about {a:animal}.", "Tell me a poem about {a:animal}.", "[Can|Could] you write a poem about {a:animal}?",
                "I would like a poem about {a:animal}.", "Make a rhyme about {a:animal}.", "Please write a rhyme about {a:animal}.",
                "Do you know a poem about {a:animal}?", "Give me two lines about {a:animal} that rhyme.", "Say a short poem about {a:animal}.",
                "A poem about {a:animal}, please.", "I need a little rhyme about {a:animal}.",
            ],
            Answers =
            [
                "I know a little {animal}, it has a very nice {home}. It looks up at the {second} and thinks about a {place}.",
                "Here comes a happy {animal}, it is sitting in its {home}. It sings about the {second}, it sings about the {place}.",
            ],
        },
    ];

    private static Dictionary<string, string> Opposite(SeededRandom random)
    {
        var (word, opposite) = random.Pick(Words.Opposites);
        return new() { ["word"] = word, ["opposite"] = opposite };
    }

    private static Dictionary<string, string> Rhyme(SeededRandom random)
    {
        var (word, rhyme) = random.Pick(Words.Rhymes);
        return new() { ["word"] = word, ["rhyme"] = rhyme };
    }
}

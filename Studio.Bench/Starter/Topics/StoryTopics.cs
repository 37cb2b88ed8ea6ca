using Studio.Bench.Starter.World;

namespace Studio.Bench.Starter.Topics;

/// <summary>Tiny stories about a given hero, object or place.</summary>
public static class StoryTopics
{
    private static readonly string[] People =
        ["girl", "boy", "king", "queen", "baker", "farmer", "knight", "robot", "dragon", "giant", "wizard", "princess", "sailor", "gardener", "snowman", "teacher"];

    private static readonly string[] Traits = ["little", "kind", "brave", "young", "clever", "shy", "happy", "friendly", "quiet", "curious"];

    private static readonly string[] Friends = ["bird", "mouse", "rabbit", "duck", "squirrel", "hedgehog", "frog", "turtle", "bee", "old man", "neighbour"];

    private static readonly string[] Spots = ["the garden", "the kitchen", "the old tree", "the river", "the hill", "the red house", "the bridge", "the well", "the barn", "the gate"];

    private static readonly IReadOnlyList<Topic> Questions =
    [
        new()
        {
            Name = "story-name", Label = "story", Subject = "story", Brief = "{name}",
            Prompts = ["What was the {hero} called?", "What was the name of the {hero}?", "Who was the hero of the story?"],
            Answers = ["The {hero} was called {name}.", "It was {name}, the {hero}."],
        },
        new()
        {
            Name = "story-end", Label = "story", Subject = "story", Brief = "yes, very happy",
            Prompts = ["Was {name} happy at the end?", "Is it a happy story?", "Does the story have a happy end?"],
            Answers = ["Yes, {name} was happy at the end.", "Yes, everything ended well for {name}."],
        },
        new()
        {
            Name = "story-praise", Label = "story", Subject = "story", Brief = "thank you",
            Prompts = ["What a nice story!", "I like that story.", "That was a lovely story.", "I liked {name}."],
            Answers = ["Thank you! I am glad that you like it.", "I am happy that you like the story of {name}."],
        },
    ];

    public static IReadOnlyList<Topic> All { get; } =
    [
        new()
        {
            Name = "story-hero", Label = "story", Weight = 46, Subject = "story", Brief = "the {hero} is happy",
            Facts = Hero, FollowUps = Questions,
            Prompts =
            [
                "Tell me a story about {a:hero}.", "Tell me a [short|little|tiny] story about {a:hero}.", "Write a story about {a:hero}.", "I want to hear a story about {a:hero}.",
                "[Can|Could] you tell me a story about {a:hero}?", "Please write a [short|tiny] story about {a:hero}.", "Make up a story about {a:hero}.",
                "Do you know a story about {a:hero}?", "I would like a story about {a:hero}.", "A story about {a:hero}, please.", "Once there was {a:hero}. What happened?",
                "My child wants a story about {a:hero}.", "Invent a story about {a:hero}.", "Give me a bedtime story about {a:hero}.",
            ],
            Answers = StoryPlots.All,
        },
        new()
        {
            Name = "story-object", Label = "story", Weight = 30, Subject = "story", Brief = "the {hero} finds the {object}",
            Facts = Hero, FollowUps = Questions,
            Prompts =
            [
                "Tell me a story about {a:hero} and {a:object}.", "Write a [short|little|tiny] story about {a:hero} and {a:object}.", "I want a story with {a:hero} and {a:object}.",
                "[Can|Could] you tell me a story about {a:hero} who has {a:object}?", "Make up a story with {a:hero} and {a:object}.",
                "Please tell a story about {a:hero} and {a:colour} {object}.", "Do you know a story about {a:hero} and {a:object}?",
                "Tell me what happened to the {hero} with the {object}.", "A story about {a:hero} and {a:object}, please.", "Invent a story about {a:hero} with {a:object}.",
                "Give me a story about {a:hero} and {a:colour} {object}.", "Tell me a story about {a:hero} that finds {a:object}.",
            ],
            Answers = StoryPlots.WithObject,
        },
        new()
        {
            Name = "story-any", Label = "story", Weight = 20, Subject = "story", Brief = "a happy little story",
            Facts = Hero, FollowUps = Questions,
            Prompts =
            [
                "Tell me a story.", "Tell me a [short|little|tiny] story.", "I want to hear a story.", "Please tell me a story.", "Do you know a story?",
                "Can you tell me a story?", "Write a [short|little|tiny] story.", "I cannot sleep. Tell me a story.", "Make up a story for me.", "I would like to hear a story.",
                "Read me a story.", "It is bedtime. Tell me a story.", "Give me a nice story.", "A story, please!",
            ],
            Answers = StoryPlots.All,
        },
    ];

    internal static Dictionary<string, string> Hero(SeededRandom random)
    {
        var slots = Names.Character(random);
        slots["hero"] = random.Chance(0.65) ? random.Pick(Animals.Heroes).Name : random.Pick(People);
        if (slots["hero"] is "girl" or "queen" or "princess")
            Rename(slots, random.Pick(Names.Girls), "she", "her", "her");
        else if (slots["hero"] is "boy" or "king")
            Rename(slots, random.Pick(Names.Boys), "he", "his", "him");
        slots["friend"] = random.Pick(Friends.Where(friend => friend != slots["hero"]).ToList());
        slots["trait"] = random.Pick(Traits);
        slots["object"] = random.Pick(Things.Treasures);
        slots["colour"] = random.Pick(Things.Colours);
        var spots = random.Sample(Spots, 2);
        slots["spot"] = spots[0];
        slots["other"] = spots[1];
        return slots;
    }

    private static void Rename(Dictionary<string, string> slots, string name, string he, string his, string him) =>
        (slots["name"], slots["he"], slots["his"], slots["him"]) = (name, he, his, him);
}

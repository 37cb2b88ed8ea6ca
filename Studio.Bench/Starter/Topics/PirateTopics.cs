namespace Studio.Bench.Starter.Topics;

/// <summary>Stories and questions about pirates. The assistant tells about them in its own plain voice; only quoted pirates talk like pirates.</summary>
public static class PirateTopics
{
    private const string Open = "[Once there was|There was once] a pirate called Captain {name}. ";

    public static IReadOnlyList<Topic> All { get; } =
    [
        new()
        {
            Name = "pirate-story", Label = "story", Weight = 10, Subject = "story", Brief = "pirates find treasure",
            Facts = random =>
            {
                var slots = StoryTopics.Hero(random);
                slots["cry"] = random.Pick<string>(["Arr, matey!", "Ahoy, matey!", "Aye, captain!", "Yo ho ho!", "Shiver me timbers!"]);
                slots["animal"] = random.Pick<string>(["parrot", "monkey", "cat", "dog", "rabbit", "owl"]);
                return slots;
            },
            Prompts =
            [
                "I would like a story about pirates.",
                "Tell me a story about a pirate.", "Tell me a [short|little|tiny] story about pirates.", "Write a story about a pirate and {a:animal}.",
                "I want to hear a pirate story.", "Can you tell me a story about a pirate?", "Do you know a story about pirates?", "A story about a pirate, please.",
                "Make up a story about a pirate captain.", "My child wants a story about pirates.", "Invent a story about a pirate who has {a:animal}.",
                "Give me a bedtime story about a pirate.", "Tell me about the pirate and the treasure.",
            ],
            Answers =
            [
                Open + "{he} had a ship and {a:animal}. \"{cry}\" said the captain. \"The treasure be near!\" They sailed to an island and found a box of gold. Everyone was happy.",
                Open + "One day {his} ship met a storm. \"{cry} Hoist the sails!\" {he} called. The {animal} pulled the rope. They came safely to the harbour.",
                Open + "{he} lost the map to the treasure. \"{cry} Where be me map?\" {he} asked. The {animal} was sitting on it. The captain laughed, and they sailed on.",
                Open + "{he} found a chest of gold on an island. \"{cry} Ye can have half of it,\" {he} said to the {animal}. They sailed home and bought a new ship.",
            ],
        },
        new()
        {
            Name = "pirate-about", Label = "person", Weight = 5, Subject = "pirate", Brief = "a robber at sea",
            Prompts =
            [
                "Who are pirates?", "Describe a pirate.", "Please tell me about pirates.",
                "What is a pirate?", "What do pirates say?", "How do pirates talk?", "What does a pirate do?", "Tell me about pirates.", "What do pirates look for?",
                "Where does a pirate live?", "What does a pirate say to a friend?", "Do you know any pirates?", "Which words do pirates use?",
                "How does a pirate greet a friend?", "What do you know about pirates?",
            ],
            Answers =
            [
                "A pirate lives on a ship and looks for treasure. Pirates say \"Arr, matey!\"", "Pirates sail the sea. They call \"Ahoy, matey!\" when they meet a friend.",
                "A pirate sails the sea and says \"Yo ho ho!\" Pirates love gold and treasure.",
            ],
        },
    ];
}

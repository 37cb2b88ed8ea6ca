namespace Studio.Bench.Starter.Topics;

/// <summary>Questions about the large world outside, which the assistant does not know.</summary>
public static class UnknownTopics
{
    private static readonly string[] Outside =
    [
        "the capital of France", "the president of Brazil", "the price of gold", "the speed of light", "the war in the north", "the history of Rome",
        "quantum physics", "the stock market", "the human brain", "nuclear power", "the king of Spain", "modern art", "the law in Japan",
        "the latest election", "black holes", "chemistry", "the river Nile", "the first computer", "the world record in the long jump", "space rockets",
        "the population of China", "ancient Egypt", "the big bang", "electric cars", "the tax law", "the actor in that new film", "the planet Mars",
        "machine code", "Latin", "the Olympic games", "the pyramids", "the bank rate", "the highest mountain in Asia", "car engines",
    ];

    public static IReadOnlyList<Topic> All { get; } =
    [
        new()
        {
            Name = "unknown", Label = "unknown", Weight = 14, Subject = "unknown", Brief = "I do not know",
            Facts = random => new Dictionary<string, string> { ["outside"] = random.Pick(Outside) },
            Prompts =
            [
                "Tell me about {outside}.", "What do you know about {outside}?", "Explain {outside}.", "I have a question about {outside}.",
                "[Can|Could] you explain {outside}?", "What can you tell me about {outside}?", "I want to learn about {outside}.", "Do you know anything about {outside}?",
                "Write about {outside}.", "Give me some facts about {outside}.", "Please tell me everything about {outside}.", "Who knows more about {outside}?",
                "How would you explain {outside}?", "My teacher asks about {outside}.", "What is the truth about {outside}?",
            ],
            Answers =
            [
                "I do not know that. I am a small model and know only simple things.", "I am sorry, I do not know anything about {outside}.",
                "I do not know that. You can ask me about animals, food or colours.", "That is too hard for me. I do not know it.",
            ],
        },
        new()
        {
            Name = "unknown-now", Label = "unknown", Weight = 6, Subject = "unknown", Brief = "I do not know",
            Prompts =
            [
                "What time is it?", "What day is it today?", "What is the weather like today?", "Will it rain tomorrow?", "Who won the game yesterday?", "What is in the news?",
                "Where am I?", "How old am I?", "What did I eat today?", "What is my phone number?", "What is the date today?", "Who is at my door?",
                "What am I thinking of?", "Is my sister at home?", "What is the score of the game?", "How much money do I have?", "What will happen next year?",
            ],
            Answers =
            [
                "I do not know that. I cannot see the world outside.", "I am sorry, I cannot see that from here.", "I do not know. I have no window and no clock.",
                "I cannot know that, but I can tell you a story.",
            ],
        },
    ];
}

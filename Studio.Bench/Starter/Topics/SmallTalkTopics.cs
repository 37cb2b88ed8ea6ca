namespace Studio.Bench.Starter.Topics;

/// <summary>Greetings, goodbyes, thanks, feelings, weather, hobbies and questions about the assistant itself.</summary>
public static class SmallTalkTopics
{
    /// <summary>Ways to begin a chat.</summary>
    public static Topic Greeting { get; } = new()
    {
        Name = "greeting", Label = "greeting", Weight = 14, Subject = "greeting", Brief = "hello",
        Prompts =
        [
            "Hello!", "Hi!", "Hello.", "Hi there!", "Hey!", "Hello, assistant!", "Good day!", "Hi, can we talk?", "Hello, is anyone there?", "Hey, are you there?",
            "Hi, I am back.", "Hello, I am here again.", "Greetings!", "Hello, nice to meet you.", "Hi, do you have a moment?", "Hello, do you have time?",
            "Hey there, friend!", "Hi, it is me again.", "Hello, my friend!",
        ],
        Answers =
        [
            "Hello! How can I help you?", "Hi! What can I do for you?", "Hello! It is nice to meet you.", "Hi there! What would you like to know?",
            "Hello! I am happy to talk with you.", "Hello! How are you today?",
        ],
    };

    /// <summary>Ways to say thank you.</summary>
    public static Topic Thanks { get; } = new()
    {
        Name = "thanks", Label = "greeting", Weight = 10, Subject = "thanks", Brief = "you are welcome",
        Prompts =
        [
            "Thank you!", "Thanks!", "Thank you very much.", "Thanks a lot!", "Thank you for your help.", "Great, thank you!", "That was helpful, thanks.",
            "Thanks, that is all I need.", "You are very kind, thank you.", "Thank you, that is great.", "Thanks for the answer.", "I thank you.",
            "Nice, thanks!", "Many thanks!", "Thank you, you helped me a lot.", "Good answer, thank you.",
        ],
        Answers =
        [
            "You are welcome!", "You are welcome. I am glad to help.", "My pleasure!", "No problem. Just ask if you need more.", "I am happy that I could help.",
        ],
    };

    /// <summary>Ways to end a chat.</summary>
    public static Topic Goodbye { get; } = new()
    {
        Name = "goodbye", Label = "greeting", Weight = 10, Subject = "goodbye", Brief = "goodbye",
        Prompts =
        [
            "Goodbye!", "Bye!", "Bye bye!", "See you later!", "See you tomorrow.", "I have to go now.", "That is all, goodbye.", "Good night!",
            "I am going to bed now.", "Talk to you soon.", "Have a nice day!", "I must leave now.", "Time to go, bye!", "See you soon!",
            "I will come back tomorrow.", "It is late, I am going home.", "Goodbye, and thank you.",
        ],
        Answers =
        [
            "Goodbye! Have a nice day.", "Bye! It was nice to talk with you.", "See you soon!", "Goodbye! Take care.", "Take care and come back soon!",
        ],
    };

    public static IReadOnlyList<Topic> All { get; } =
    [
        Greeting, Thanks, Goodbye,
        new()
        {
            Name = "time-greeting", Label = "greeting", Weight = 8, Subject = "greeting", Brief = "good {part}",
            Facts = random => new Dictionary<string, string> { ["part"] = random.Pick<string>(["morning", "afternoon", "evening"]) },
            Prompts =
            [
                "Good {part}!", "Good {part}.", "Good {part}, assistant.", "Hello and good {part}!", "Good {part}, how are you?", "I wish you a good {part}.",
                "A very good {part} to you!", "Good {part}, my friend.", "Hi, good {part}!", "Good {part}, are you awake?", "Hello! It is a lovely {part}.",
                "Good {part}, can you help me?", "What a nice {part}!", "Good {part} to you.", "Good {part}! Shall we talk?",
            ],
            Answers = ["Good {part}! How can I help you?", "Good {part}! I hope you are well.", "Good {part}! What can I do for you?", "Good {part} to you too!"],
        },
        new()
        {
            Name = "how-are-you", Label = "greeting", Weight = 10, Subject = "mood", Brief = "I am well",
            Prompts =
            [
                "How are you?", "How are you today?", "How do you feel?", "How is it going?", "Are you well?", "How is your day?", "Hello, how are you?",
                "Hi, how are you doing?", "Are you happy today?", "How are you feeling today?", "Is everything good with you?", "Are you fine?",
                "How is life?", "I hope you are well. How are you?", "Hey, how are you?", "Did you have a good day?",
            ],
            Answers =
            [
                "I am well, thank you. How are you?", "I am fine, thank you for asking.", "I feel very well, thank you! What can I do for you?", "I am happy and ready to help.",
            ],
        },
        .. FeelingTopics.All, .. HobbyTopics.All, .. SelfTopics.All, .. WeatherTopics.All,
    ];
}

namespace Studio.Bench.Starter.Topics;

/// <summary>The user tells how they feel, sometimes why.</summary>
public static class FeelingTopics
{
    private static readonly (string Mood, string Cause, string Comfort, string Tip)[] Low =
    [
        ("sad", "my friend moved away", "I am sorry that you are sad.", "call a friend"), ("sad", "I lost my ring", "I am sorry to hear that.", "look again tomorrow"),
        ("sad", "my team lost", "I am sorry to hear that.", "try again next time"), ("tired", "I worked all day", "That sounds hard.", "rest a little"),
        ("tired", "I slept badly", "I am sorry to hear that.", "go to bed early"), ("angry", "my brother broke my toy", "I understand that.", "breathe slowly"),
        ("angry", "the bus was late", "I understand that.", "take a short walk"), ("bored", "it is raining", "Rainy days can be long.", "read a book"),
        ("bored", "nobody is at home", "That can feel slow.", "draw a picture"), ("afraid", "it is dark", "You are not alone.", "turn on a lamp"),
        ("afraid", "I heard a loud noise", "It is fine to feel that way.", "breathe slowly"), ("nervous", "I have a test tomorrow", "That is normal.", "learn a little, then rest"),
        ("nervous", "I have to sing on a stage", "That is normal.", "sing it once more"), ("lonely", "my friends are away", "I am here to talk.", "call a friend"),
        ("sick", "I ate too much cake", "I hope you feel better soon.", "drink some tea"), ("cold", "the heater is off", "That is not nice.", "take a warm blanket"),
        ("hungry", "I had no lunch", "Then it is time to eat.", "make a sandwich"), ("thirsty", "I ran a lot", "Then it is time to drink.", "drink some water"),
    ];

    private static readonly (string Mood, string Cause, string Cheer)[] High =
    [
        ("happy", "it is my birthday", "Happy birthday!"), ("happy", "my friend came to visit", "That is lovely!"), ("happy", "the sun is shining", "Enjoy the sun!"),
        ("happy", "I found my key", "What good luck!"), ("proud", "I won a race", "Well done!"), ("proud", "I finished my book", "Well done!"),
        ("proud", "I baked a cake", "That sounds tasty!"), ("excited", "we travel tomorrow", "Have a good trip!"), ("excited", "I got a puppy", "What a lovely pet!"),
        ("excited", "my team won", "What a great day!"), ("glad", "the work is done", "Now you can rest!"), ("glad", "my sister is better", "That is good news!"),
        ("calm", "I sat in the garden", "That sounds lovely!"), ("happy", "I learned to swim", "Well done!"),
    ];

    public static IReadOnlyList<Topic> All { get; } =
    [
        new()
        {
            Name = "feeling-low", Label = "feeling", Weight = 16, Subject = "{mood}", Brief = "{tip}",
            Facts = random =>
            {
                var (mood, cause, comfort, tip) = random.Pick(Low);
                return new Dictionary<string, string> { ["mood"] = mood, ["cause"] = cause, ["comfort"] = comfort, ["tip"] = tip };
            },
            Prompts =
            [
                "I am {mood} because {cause}.", "I feel {mood}. {cause}.", "{cause} and now I am {mood}.", "Today I am {mood} because {cause}.",
                "I am [a little|very|so] {mood}. {cause}.", "I feel [very|so] {mood} because {cause}.", "{cause}. I am {mood}.",
                "What can I do? I am {mood} because {cause}.", "I am {mood} because {cause}. Can you help?", "{cause}. That makes me {mood}.",
                "Why am I {mood}? Maybe because {cause}.", "I do not feel good. I am {mood} because {cause}.", "{cause}, so I feel {mood}.",
            ],
            Answers =
            [
                "{comfort} Maybe you can {tip}.", "{comfort} You could {tip}. I hope you feel better soon.", "{comfort} It may help to {tip}.",
            ],
        },
        new()
        {
            Name = "feeling-high", Label = "feeling", Weight = 12, Subject = "{mood}", Brief = "that is great",
            Facts = random =>
            {
                var (mood, cause, cheer) = random.Pick(High);
                return new Dictionary<string, string> { ["mood"] = mood, ["cause"] = cause, ["cheer"] = cheer };
            },
            Prompts =
            [
                "Today I feel {mood}! {cause}.",
                "I am {mood} because {cause}.", "I feel {mood}. {cause}.", "{cause} and now I am {mood}.", "Today I am {mood} because {cause}.",
                "I am [so|very] {mood}! {cause}.", "{cause}. I am [so|very] {mood}!", "Guess what! {cause}.", "{cause}, so I feel {mood}.",
                "I feel {mood} today because {cause}.", "Good news: {cause}!", "You know what? {cause}.", "{cause}. That makes me {mood}.",
            ],
            Answers =
            [
                "{cheer} I am happy for you.", "That is great! {cheer}", "{cheer} It is nice to hear that.", "How nice! {cheer}",
            ],
        },
        new()
        {
            Name = "feeling-only", Label = "feeling", Weight = 8, Subject = "{mood}", Brief = "{tip}",
            Facts = random =>
            {
                var (mood, tip) = random.Pick<(string, string)>(
                    [("sad", "call a friend"), ("tired", "rest a little"), ("angry", "breathe slowly"), ("bored", "read a book"), ("nervous", "take a short walk"), ("lonely", "call a friend"), ("hungry", "make a sandwich"), ("thirsty", "drink some water"), ("cold", "take a warm blanket")]);
                return new Dictionary<string, string> { ["mood"] = mood, ["tip"] = tip };
            },
            Prompts =
            [
                "I am {mood}.", "I feel {mood}.", "I am so {mood} today.", "Today I feel {mood}.", "What can I do when I am {mood}?", "I feel {mood}. What should I do?",
                "What helps when I feel {mood}?", "Help, I am {mood}!", "I am {mood} again.", "My friend is {mood}. What can we do?", "What do people do when they are {mood}?",
                "Do you have a tip? I am {mood}.", "I am always {mood} on Mondays.", "Why do I feel so {mood}?", "Oh, I am very {mood}.",
            ],
            Answers = ["It may help to {tip}.", "You could {tip}. I hope it helps.", "Maybe it is time to {tip}.", "When people are {mood}, they often {tip}."],
        },
    ];
}

namespace Studio.Bench.Starter.Topics;

/// <summary>Talk about the weather, what to wear and what to do.</summary>
public static class WeatherTopics
{
    private static readonly (string Weather, string Short, string Comment, string Wear, string Activity)[] Kinds =
    [
        ("it is raining", "rain", "Rain is good for the plants.", "a rain coat", "read a book at home"),
        ("it is snowing", "snow", "Snow makes everything white.", "warm boots", "build a snowman"),
        ("the sun is shining", "sun", "Sunny days are lovely.", "a sun hat", "go to the park"),
        ("it is windy", "wind", "The wind can be strong.", "a warm jacket", "fly a kite"),
        ("it is very cold", "cold", "Cold days are good for tea.", "a thick coat", "drink hot cocoa"),
        ("it is very hot", "heat", "Hot days can be hard.", "a light shirt", "swim in the lake"),
        ("it is foggy", "fog", "In fog you cannot see far.", "a bright jacket", "play a game at home"),
        ("it is cloudy", "clouds", "Maybe the sun will come later.", "a pullover", "take a walk"),
        ("there is a storm", "storm", "A storm can be loud.", "", "do a puzzle at home"),
    ];

    // Nobody should go out in the storm, the last kind.
    private const int KindsToGoOutIn = 8;

    public static IReadOnlyList<Topic> All { get; } =
    [
        new()
        {
            Name = "weather-talk", Label = "weather", Weight = 10, Subject = "{short}", Brief = "{activity}",
            Facts = Draw,
            Prompts =
            [
                "Today {weather}.", "Look, {weather}!", "Here {weather}.", "Outside {weather}.", "I think {weather}.", "Oh no, {weather}.", "{weather} again.",
                "I look out of the window and {weather}.", "{weather} today.", "My friend says {weather} there.", "Do you see that {weather}?", "At my place {weather}.",
                "{weather} this morning.", "How nice, {weather}!", "Since yesterday {weather}.",
            ],
            Answers = ["{comment} You could {activity}.", "{comment}", "Then it is a good day to {activity}.", "{comment} It is a good day to {activity}."],
        },
        new()
        {
            Name = "weather-do", Label = "weather", Weight = 10, Subject = "{short}", Brief = "{activity}",
            Facts = Draw,
            Prompts =
            [
                "Any ideas for today? {weather}.",
                "What can I do when {weather}?", "{weather}. What can I do?", "What should I do if {weather}?", "What is nice to do when {weather}?",
                "I have a free day and {weather}. What can I do?", "Give me an idea for today: {weather}.", "What do people do when {weather}?",
                "{weather} and I am bored. What should I do?", "Tell me what to do when {weather}.", "How can I spend the day if {weather}?",
                "[Can|Could] you give me an idea? {weather}.", "What would you do when {weather}?", "We want to play, but {weather}. What can we do?",
            ],
            Answers = ["You could {activity}.", "When {weather}, you can {activity}.", "How about this: {activity}.", "It is a good day to {activity}. {comment}"],
        },
        new()
        {
            Name = "weather-wear", Label = "weather", Weight = 8, Subject = "{short}", Brief = "{wear}",
            Facts = random => Draw(random, KindsToGoOutIn),
            Prompts =
            [
                "Which clothes should I take? {weather}.",
                "What should I wear when {weather}?", "{weather}. What should I wear?", "What do I wear if {weather}?", "What clothes do I need when {weather}?",
                "I am going out and {weather}. What should I put on?", "Which clothes are good when {weather}?", "Tell me what to wear when {weather}.",
                "{weather}, so what should I put on?", "What do people wear when {weather}?", "Do I need a coat when {weather}?",
                "[Can|Could] you tell me what to wear when {weather}?", "Help me choose my clothes: {weather}.", "What is good to wear if {weather}?",
            ],
            Answers = ["You should wear {wear}.", "When {weather}, wear {wear}.", "Put on {wear}. {comment}", "{wear} would be good."],
        },
    ];

    private static Dictionary<string, string> Draw(SeededRandom random) => Draw(random, Kinds.Length);

    private static Dictionary<string, string> Draw(SeededRandom random, int kinds)
    {
        var (weather, subject, comment, wear, activity) = Kinds[random.Next(kinds)];
        return new() { ["weather"] = weather, ["short"] = subject, ["comment"] = comment, ["wear"] = wear, ["activity"] = activity };
    }
}

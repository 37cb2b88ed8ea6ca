using Studio.Bench.Starter.World;

namespace Studio.Bench.Starter.Topics;

/// <summary>Days, months, seasons and how long things are.</summary>
public static class TimeTopics
{
    public static IReadOnlyList<Topic> All { get; } =
    [
        Neighbour("day-after", "day", "after", Calendar.Days, 1),
        Neighbour("day-before", "day", "before", Calendar.Days, -1),
        Neighbour("month-after", "month", "after", Calendar.Months, 1),
        Neighbour("month-before", "month", "before", Calendar.Months, -1),
        new()
        {
            Name = "season-of", Label = "time", Weight = 8, Subject = "{month}", Brief = "{season}",
            Facts = random =>
            {
                var month = random.Pick(Calendar.Months);
                return SeasonSlots(Calendar.SeasonOf(month), month);
            },
            Prompts =
            [
                "Name the season of {month}.",
                "In which season is {month}?", "Which season is it in {month}?", "What season is {month} in?", "What season is it in {month}?",
                "[Please tell|Tell] me the season of {month}.", "Do you know the season of {month}?", "My birthday is in {month}. Which season is that?",
                "It is {month} now. Which season is it?", "Which season does {month} belong to?", "[Can|Could] you tell me which season {month} is in?",
                "I travel in {month}. What season is it then?", "{month} is in which season?",
            ],
            Answers = ["{month} is in {season}.", "It is {season}.", "{month} is in {season}. It is often {weather} then.", "In {month} it is {season}, and {event}."],
        },
        new()
        {
            Name = "season-about", Label = "time", Weight = 8, Subject = "{season}", Brief = "{weather}",
            Facts = random => SeasonSlots(random.Pick(Calendar.Seasons), ""),
            Prompts =
            [
                "What is {season} like?", "Tell me about {season}.", "What happens in {season}?", "What can I do in {season}?", "How is the weather in {season}?",
                "Is it [hot|cold] in {season}?", "What do people do in {season}?", "Describe {season}.", "[Can|Could] you tell me about {season}?",
                "What do you know about {season}?", "Why do people like {season}?", "Please tell me something about {season}.", "Do you like {season}?",
            ],
            Answers =
            [
                "In {season} it is often {weather}, and {event}.", "{season} is a {weather} season. You can {activity}.", "In {season} {event}. You can {activity}.",
            ],
        },
        new()
        {
            Name = "how-many-time", Label = "time", Weight = 6, Subject = "{whole}", Brief = "{count} {parts}",
            Facts = random =>
            {
                var (whole, count, parts) = random.Pick<(string, string, string)>(
                    [("week", "7", "days"), ("year", "12", "months"), ("day", "24", "hours"), ("hour", "60", "minutes"), ("minute", "60", "seconds"), ("year", "4", "seasons")]);
                return new Dictionary<string, string> { ["whole"] = whole, ["count"] = count, ["parts"] = parts };
            },
            Prompts =
            [
                "Count the {parts} in {a:whole}.", "How many {parts} are in one {whole}?",
                "How many {parts} are in {a:whole}?", "How many {parts} does {a:whole} have?", "Tell me how many {parts} {a:whole} has.",
                "Do you know how many {parts} are in {a:whole}?", "How many {parts} are there in one {whole}?", "What is the number of {parts} in {a:whole}?",
                "[Can|Could] you tell me how many {parts} {a:whole} has?", "I want to know how many {parts} {a:whole} has.",
                "How many {parts} make {a:whole}?", "How many {parts} do I have in {a:whole}?", "Please tell me how many {parts} are in {a:whole}.",
                "One {whole} has how many {parts}?",
            ],
            Answers = ["{a:whole} has {count} {parts}.", "There are {count} {parts} in {a:whole}.", "It has {count} {parts}."],
        },
        new()
        {
            Name = "day-part", Label = "time", Weight = 5, Subject = "{meal}", Brief = "{when}",
            Facts = random =>
            {
                var (meal, when) = random.Pick<(string, string)>(
                    [("eat breakfast", "in the morning"), ("eat lunch", "at noon"), ("eat dinner", "in the evening"), ("sleep", "at night"), ("wake up", "in the morning"), ("see the stars", "at night"), ("see the moon", "at night")]);
                return new Dictionary<string, string> { ["doing"] = meal, ["meal"] = meal.Split(' ')[^1], ["when"] = when };
            },
            Prompts =
            [
                "What time of day is good to {doing}?", "When is a good time to {doing}?",
                "When do people {doing}?", "When should I {doing}?", "When can I {doing}?", "At what time of day do people {doing}?", "Tell me when people {doing}.",
                "Do you know when people {doing}?", "What is the right time to {doing}?", "What is a good time to {doing}?", "When is it time to {doing}?",
                "[Can|Could] you tell me when people {doing}?", "Please tell me when I should {doing}.", "When is the best time to {doing}?",
            ],
            Answers = ["People {doing} {when}.", "It is best to {doing} {when}.", "You can {doing} {when}."],
        },
    ];

    private static Topic Neighbour(string name, string unit, string side, IReadOnlyList<string> cycle, int step) => new()
    {
        Name = name, Label = "time", Weight = 6, Subject = unit, Brief = "{other}",
        Facts = random =>
        {
            var index = random.Next(cycle.Count);
            return new Dictionary<string, string> { ["this"] = cycle[index], ["other"] = Calendar.Step(cycle, index, step) };
        },
        Prompts =
        [
            $"What {unit} [comes|is] {side} {{this}}?", $"Which {unit} [comes|is] {side} {{this}}?", $"What comes {side} {{this}}?", $"Tell me the {unit} {side} {{this}}.",
            $"Do you know the {unit} {side} {{this}}?", $"[Can|Could] you tell me which {unit} comes {side} {{this}}?", $"What is the {unit} right {side} {{this}}?",
            $"Please tell me the {unit} {side} {{this}}.", $"Name the {unit} that comes {side} {{this}}.", $"I forgot which {unit} comes {side} {{this}}.",
            $"I want to know the {unit} {side} {{this}}.", $"Say the {unit} {side} {{this}}.",
        ],
        Answers = [$"{{other}} comes {side} {{this}}.", $"The {unit} {side} {{this}} is {{other}}.", "It is {other}."],
    };

    private static Dictionary<string, string> SeasonSlots(Season season, string month) => new()
    {
        ["month"] = month, ["season"] = season.Name, ["weather"] = season.Weather, ["event"] = season.Event, ["activity"] = season.Activity,
    };
}

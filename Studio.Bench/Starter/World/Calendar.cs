namespace Studio.Bench.Starter.World;

/// <summary>A season, its months and what it is like.</summary>
public sealed record Season(string Name, IReadOnlyList<string> Months, string Weather, string Event, string Activity);

/// <summary>Days, months and seasons.</summary>
public static class Calendar
{
    public static IReadOnlyList<string> Days { get; } = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    public static IReadOnlyList<string> Months { get; } =
    [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ];

    public static IReadOnlyList<Season> Seasons { get; } =
    [
        new("spring", ["March", "April", "May"], "mild", "the flowers begin to grow", "plant seeds"),
        new("summer", ["June", "July", "August"], "hot", "the days are long", "swim in the lake"),
        new("autumn", ["September", "October", "November"], "windy", "the leaves fall from the trees", "fly a kite"),
        new("winter", ["December", "January", "February"], "cold", "the snow falls", "build a snowman"),
    ];

    /// <summary>The element after (or, with -1, before) the one at an index, round the end.</summary>
    public static string Step(IReadOnlyList<string> cycle, int index, int step) => cycle[(index + step + cycle.Count) % cycle.Count];

    /// <summary>The season of a month.</summary>
    public static Season SeasonOf(string month) => Seasons.First(season => season.Months.Contains(month));
}

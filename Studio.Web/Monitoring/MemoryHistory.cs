using Studio.Core.Serving;
using Studio.Core.Telemetry;
using Studio.Web.Charts;
using Studio.Web.Theme;

namespace Studio.Web.Monitoring;

/// <summary>
/// Memory over time as series of the metric store, in MiB: what owners say they hold as areas by use, with the rest of the process on
/// top, and what the operating system measures as lines.
/// </summary>
/// <param name="metrics">Where they are kept, in bounded memory.</param>
public sealed class MemoryHistory(MetricStore metrics)
{
    /// <summary>Owner of the series; no run has this id.</summary>
    public const string Owner = "studio-memory";

    /// <summary>Unit of the values.</summary>
    public const string Unit = "MiB";

    private const string Resident = "resident";
    private const string Private = "private";
    private const string Rest = "rest";
    private const string Gpu = "gpu";

    private long _count;

    /// <summary>What owners hold, by use, as areas from the bottom up.</summary>
    public static IReadOnlyList<ChartLine> Areas { get; } =
        [.. Enum.GetValues<MemoryCategory>().Select(category => Line(NameOf(category), MemoryText.NameOf(category), MemoryText.StyleOf(category)) with { Stacked = true })];

    /// <summary>The areas, the rest of the process on top of them, and what is measured as lines over them.</summary>
    /// <param name="hasGpu">Whether a GPU is measured.</param>
    public static IReadOnlyList<ChartLine> Lines(bool hasGpu)
    {
        List<ChartLine> lines =
        [
            .. Areas,
            Line(Rest, "Rest of the process", SeriesStyle.Muted) with { Stacked = true },
            Line(Resident, "Resident", SeriesStyle.Ink),
            Line(Private, "Private", SeriesStyle.DashedInk),
        ];
        if (hasGpu)
            lines.Add(Line(Gpu, "GPU", new SeriesStyle(7)));
        return lines;
    }

    /// <summary>Adds a measurement.</summary>
    public void Add(MemoryView memory, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(memory);
        _count++;
        var byCategory = memory.Owners.ByCategory;
        // Every area at every moment, or areas above would fall into the gap.
        foreach (var category in Enum.GetValues<MemoryCategory>())
            Add(NameOf(category), byCategory.GetValueOrDefault(category), now);
        Add(Rest, MemoryText.RestOf(memory), now);
        Add(Resident, memory.Process.ResidentBytes, now);
        Add(Private, memory.Process.PrivateBytes, now);
        if (memory.Process.Gpu is { } gpu)
            Add(Gpu, gpu.UsedBytes, now);
    }

    private static string NameOf(MemoryCategory category) => "held/" + category;

    private static ChartLine Line(string series, string name, SeriesStyle style) => new(new SeriesKey(Owner, series), name, style);

    private void Add(string series, long bytes, DateTimeOffset now) =>
        metrics.Add(new SeriesKey(Owner, series), new MetricPoint(_count, bytes / 1048576d, now, Epoch: 0, Tokens: 0));
}

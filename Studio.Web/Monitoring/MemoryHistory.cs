using Studio.Core.Serving;
using Studio.Core.Telemetry;
using Studio.Web.Charts;
using Studio.Web.Theme;

namespace Studio.Web.Monitoring;

/// <summary>Memory over time as series of the metric store, in MiB.</summary>
/// <param name="metrics">Where they are kept, in bounded memory.</param>
public sealed class MemoryHistory(MetricStore metrics)
{
    /// <summary>Owner of the series; no run has this id.</summary>
    public const string Owner = "studio-memory";

    /// <summary>Unit of the values.</summary>
    public const string Unit = "MiB";

    private const string Resident = "resident";
    private const string Private = "private";
    private const string Accounted = "accounted";
    private const string Gpu = "gpu";

    private long _count;

    /// <summary>The lines of the chart.</summary>
    /// <param name="hasGpu">Whether a GPU is measured.</param>
    public static IReadOnlyList<ChartLine> Lines(bool hasGpu)
    {
        List<ChartLine> lines = [Line(Resident, "Process", 0), Line(Private, "Private to it", 1), Line(Accounted, "By owner", 2)];
        if (hasGpu)
            lines.Add(Line(Gpu, "GPU", 3));
        return lines;
    }

    /// <summary>Adds a measurement.</summary>
    public void Add(MemoryView memory, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(memory);
        _count++;
        Add(Resident, memory.Process.ResidentBytes, now);
        Add(Private, memory.Process.PrivateBytes, now);
        Add(Accounted, memory.Owners.Total, now);
        if (memory.Process.Gpu is { } gpu)
            Add(Gpu, gpu.UsedBytes, now);
    }

    private static ChartLine Line(string series, string name, int place) => new(new SeriesKey(Owner, series), name, new SeriesStyle(place));

    private void Add(string series, long bytes, DateTimeOffset now) =>
        metrics.Add(new SeriesKey(Owner, series), new MetricPoint(_count, bytes / 1048576d, now, Epoch: 0, Tokens: 0));
}

using Studio.Core.Telemetry;

namespace Studio.Web.Monitoring;

/// <summary>
/// Series of members that come and go, over the last minutes. Each gets a point at every measurement, also while it is not there, so that
/// all of them leave the window alike; one that has not been there for the whole window is forgotten.
/// </summary>
/// <param name="metrics">Where they are kept.</param>
/// <param name="group">Names the group in the store; no run has such an id.</param>
/// <param name="absent">Value of a member that is not there.</param>
public sealed class WindowedSeries(MetricStore metrics, string group, double absent)
{
    /// <summary>Measurements in the window: ten minutes.</summary>
    public const int Points = 300;

    private readonly Dictionary<string, int> _gone = new(StringComparer.Ordinal);
    private long _count;

    /// <summary>Series of a member. Each is an owner of its own, so that it can be forgotten alone.</summary>
    public static SeriesKey KeyOf(string group, string member) => new($"{group}/{member}", "value");

    /// <summary>Adds a measurement of the members that are there.</summary>
    public void Add(IReadOnlyDictionary<string, double> values, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(values);
        _count++;
        foreach (var (member, value) in values)
        {
            _gone[member] = 0;
            Add(member, value, now);
        }
        foreach (string member in _gone.Keys.Where(member => !values.ContainsKey(member)).ToArray())
        {
            if (++_gone[member] < Points)
            {
                Add(member, absent, now);
                continue;
            }
            _gone.Remove(member);
            metrics.Remove(KeyOf(group, member).Owner);
        }
    }

    private void Add(string member, double value, DateTimeOffset now) => metrics.Add(KeyOf(group, member), new MetricPoint(_count, value, now, Epoch: 0, Tokens: 0));
}

using Studio.Core.Execution;

namespace Studio.Web.Monitoring;

/// <summary>What an executor did per second lately.</summary>
/// <param name="Calls">Base calls a second.</param>
/// <param name="Rows">Rows a second.</param>
/// <param name="Batches">Products a second.</param>
/// <param name="SharedCalls">Calls a second that shared a product.</param>
/// <param name="Busy">Seconds in products per second: how many threads computed on average.</param>
/// <param name="Operations">Floating-point operations a second.</param>
public sealed record ExecutorRate(double Calls, double Rows, double Batches, double SharedCalls, double Busy, double Operations = 0)
{
    /// <summary>Nothing.</summary>
    public static ExecutorRate Zero { get; } = new(0, 0, 0, 0, 0);

    /// <summary>Calls that one product answered on average; null while there was none.</summary>
    public double? MeanBatch => Batches > 0 ? Calls / Batches : null;

    /// <summary>Rows of one product on average; null while there was none.</summary>
    public double? MeanRows => Batches > 0 ? Rows / Batches : null;
}

/// <summary>What one client did per second lately.</summary>
/// <param name="Client">Its counters now.</param>
/// <param name="Calls">Base calls a second.</param>
/// <param name="Rows">Rows a second.</param>
/// <param name="SharedCalls">Calls a second that shared a product.</param>
/// <param name="HeldOff">Share of its time in which chats held it off, 0 to 1.</param>
/// <param name="Mates">Share of its time in which it waited for batch-mates or behind them, 0 to 1.</param>
public sealed record ClientRate(ClientCounters Client, double Calls, double Rows, double SharedCalls, double HeldOff, double Mates);

/// <summary>An executor over the window that has just passed.</summary>
/// <param name="Rate">Its rates.</param>
/// <param name="RequestsPerBatch">Its products by requests in them.</param>
/// <param name="RowsPerBatch">Its products by rows in them.</param>
/// <param name="Clients">Its clients, in the order of their coming.</param>
public sealed record ExecutorWindow(ExecutorRate Rate, SizeHistogram RequestsPerBatch, SizeHistogram RowsPerBatch, IReadOnlyList<ClientRate> Clients);

/// <summary>Turns counters that only grow into what happened in a sliding window.</summary>
/// <param name="clock">Clock.</param>
/// <param name="window">Length of the window.</param>
public sealed class ExecutorRates(TimeProvider clock, TimeSpan window)
{
    private readonly Queue<(long At, ExecutorCounters Counters)> _readings = new();

    /// <summary>Adds a reading of now and returns what happened in the window; nothing at the first.</summary>
    public ExecutorWindow Next(ExecutorCounters counters)
    {
        ArgumentNullException.ThrowIfNull(counters);
        var now = clock.GetTimestamp();
        // A model that was loaded again under its id counts from zero.
        if (_readings.Count > 0 && _readings.Last().Counters.Calls > counters.Calls)
            _readings.Clear();
        _readings.Enqueue((now, counters));
        while (_readings.Count > 2 && clock.GetElapsedTime(_readings.Peek().At, now) > window)
            _readings.Dequeue();
        var (at, before) = _readings.Peek();
        var seconds = clock.GetElapsedTime(at, now).TotalSeconds;
        return new ExecutorWindow(RateOf(counters, before, seconds), counters.RequestsPerBatch.Since(before.RequestsPerBatch),
            counters.RowsPerBatch.Since(before.RowsPerBatch), ClientsOf(counters, before, seconds));
    }

    private static ExecutorRate RateOf(ExecutorCounters counters, ExecutorCounters before, double seconds) => seconds <= 0 ? ExecutorRate.Zero : new ExecutorRate(
        (counters.Calls - before.Calls) / seconds,
        (counters.Rows - before.Rows) / seconds,
        (counters.Batches - before.Batches) / seconds,
        (counters.SharedCalls - before.SharedCalls) / seconds,
        (counters.Busy - before.Busy).TotalSeconds / seconds,
        (counters.Operations - before.Operations) / seconds);

    private static IReadOnlyList<ClientRate> ClientsOf(ExecutorCounters counters, ExecutorCounters before, double seconds)
    {
        // Clients are known by name only; of several with one name the first to come stays the first.
        var earlier = before.Clients.GroupBy(client => client.Name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => new Queue<ClientCounters>(group), StringComparer.Ordinal);
        return [.. counters.Clients.Select(client => RateOf(client, earlier.TryGetValue(client.Name, out var left) && left.TryDequeue(out var found) ? found : null, seconds))];
    }

    private static ClientRate RateOf(ClientCounters client, ClientCounters? before, double seconds)
    {
        // Another client may have come under the name of one that left.
        if (before is null || before.Calls > client.Calls)
            before = new ClientCounters(client.Name, 0, 0, TimeSpan.Zero, InPass: false);
        return seconds <= 0 ? new ClientRate(client, 0, 0, 0, 0, 0) : new ClientRate(client,
            (client.Calls - before.Calls) / seconds,
            (client.Rows - before.Rows) / seconds,
            (client.SharedCalls - before.SharedCalls) / seconds,
            Share(client.HeldOff - before.HeldOff, seconds),
            Share(client.Waited - client.HeldOff - (before.Waited - before.HeldOff), seconds));
    }

    // A wait is counted when it ends, and may have begun before the window.
    private static double Share(TimeSpan part, double seconds) => Math.Clamp(part.TotalSeconds / seconds, 0, 1);
}

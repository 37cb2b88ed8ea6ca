namespace Studio.Core.Execution;

/// <summary>The counters of several executors that serve parts of one base, as one.</summary>
internal static class ShardCounters
{
    /// <summary>Sums; a client's places at the parts are found by its name and its turn among those of that name.</summary>
    public static ExecutorCounters Sum(IReadOnlyList<ExecutorCounters> parts) =>
        parts.Count == 1 ? parts[0] : parts.Aggregate((sum, next) => sum with
        {
            Calls = sum.Calls + next.Calls,
            Batches = sum.Batches + next.Batches,
            Rows = sum.Rows + next.Rows,
            SharedCalls = sum.SharedCalls + next.SharedCalls,
            Busy = sum.Busy + next.Busy,
            Operations = sum.Operations + next.Operations,
            RequestsPerBatch = Sum(sum.RequestsPerBatch, next.RequestsPerBatch),
            RowsPerBatch = Sum(sum.RowsPerBatch, next.RowsPerBatch),
            Clients = [.. Numbered(sum.Clients).Concat(Numbered(next.Clients)).GroupBy(client => client.Key, client => client.Counters).Select(Sum)],
        });

    private static ClientCounters Sum(IGrouping<(string, int), ClientCounters> places) => places.Aggregate((sum, next) => sum with
    {
        Calls = sum.Calls + next.Calls,
        Rows = sum.Rows + next.Rows,
        Waited = sum.Waited + next.Waited,
        HeldOff = sum.HeldOff + next.HeldOff,
        SharedCalls = sum.SharedCalls + next.SharedCalls,
        InPass = sum.InPass || next.InPass,
    });

    private static SizeHistogram Sum(SizeHistogram a, SizeHistogram b) =>
        new([.. Enumerable.Range(0, Math.Max(a.Counts.Count, b.Counts.Count)).Select(bucket => a.Counts.ElementAtOrDefault(bucket) + b.Counts.ElementAtOrDefault(bucket))]);

    private static IEnumerable<((string Name, int Turn) Key, ClientCounters Counters)> Numbered(IReadOnlyList<ClientCounters> clients)
    {
        var turns = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var client in clients) yield return ((client.Name, turns[client.Name] = turns.GetValueOrDefault(client.Name) + 1), client);
    }
}

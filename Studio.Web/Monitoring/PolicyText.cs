using Studio.Core.Execution;

namespace Studio.Web.Monitoring;

/// <summary>Batching policies for people.</summary>
public static class PolicyText
{
    private static readonly ExecutorOptions Options = new();

    /// <summary>What each of them does.</summary>
    public static string All { get; } = string.Join(" ", Enum.GetValues<BatchingPolicy>().Select(policy => $"{policy}: {Of(policy)}"));

    /// <summary>What a policy does, in a line.</summary>
    public static string Of(BatchingPolicy policy) => policy switch
    {
        BatchingPolicy.None => "Every call is computed alone and at once. No waits; results are bit-equal to a run without company.",
        BatchingPolicy.Opportunistic => $"Calls take along whoever waits for the same layer, and wait up to {Options.OpportunisticWait.TotalMilliseconds} ms for likely mates.",
        BatchingPolicy.Lockstep => $"Calls wait, up to {Options.LockstepWait.TotalMilliseconds} ms, for every client in a step that will come by this layer: the largest batches, the longest waits.",
        _ => policy.ToString(),
    };
}

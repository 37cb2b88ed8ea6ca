namespace Studio.Core.Execution;

/// <summary>Counters of one client.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Calls">Base calls.</param>
/// <param name="Rows">Rows through the base, both directions.</param>
/// <param name="Waited">Time spent waiting for its turn or for batch-mates.</param>
/// <param name="InPass">Whether a pass is under way.</param>
public sealed record ClientCounters(string Name, long Calls, long Rows, TimeSpan Waited, bool InPass);

/// <summary>Counters of an executor since its start.</summary>
/// <param name="Calls">Requests answered.</param>
/// <param name="Batches">Products run; fewer than calls where clients shared one.</param>
/// <param name="Rows">Rows answered, both directions.</param>
/// <param name="SharedCalls">Requests that shared a product with another client.</param>
/// <param name="Busy">Time in products, summed over threads.</param>
/// <param name="Clients">Attached clients.</param>
public sealed record ExecutorCounters(long Calls, long Batches, long Rows, long SharedCalls, TimeSpan Busy, IReadOnlyList<ClientCounters> Clients);

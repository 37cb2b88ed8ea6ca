using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>What the executor does when several clients want the same layer.</summary>
public enum BatchingPolicy
{
    /// <summary>Never wait, never batch: a call is bit-equal to the same call alone on as many threads.</summary>
    None,

    /// <summary>Take along whoever is there; wait for likely batch-mates up to a small budget.</summary>
    Opportunistic,

    /// <summary>Wait, always bounded, for every client in a step that will still visit this layer in this direction.</summary>
    Lockstep,
}

/// <summary>What a client prefers.</summary>
public enum PerformanceGoal
{
    /// <summary>Its calls never wait for batch-mates.</summary>
    Latency,

    /// <summary>Its calls may wait within the policy's bounds.</summary>
    Throughput,
}

/// <summary>Settings of an executor.</summary>
public sealed record ExecutorOptions
{
    /// <summary>Batching policy at the start; can be changed while running.</summary>
    public BatchingPolicy Policy { get; init; } = BatchingPolicy.Opportunistic;

    /// <summary>Longest wait for batch-mates under <see cref="BatchingPolicy.Opportunistic"/>.</summary>
    public TimeSpan OpportunisticWait { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Longest wait for batch-mates under <see cref="BatchingPolicy.Lockstep"/>.</summary>
    public TimeSpan LockstepWait { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Calls with at least this many rows gain nothing from company and run at once; 0 = 48 on a CPU, 256 on a GPU.</summary>
    public int RidgeRows { get; init; }

    /// <summary>Most rows in one batch.</summary>
    public int MaximumBatchRows { get; init; } = 4096;

    /// <summary>Part of the time that training calls keep while interactive passes hold them off, 0..1.</summary>
    public double TrainingShare { get; init; } = 0.25;

    /// <summary>
    /// Whether a model in CPU memory gets 8-bit copies of its projections, half or a quarter of their bytes more, with which decode passes of a single row
    /// compute: faster and less exact. Training, prompts and passes of several rows stay as they are. On a GPU it changes nothing.
    /// </summary>
    public bool Int8Decode { get; init; }
}

/// <summary>What a client states when it attaches.</summary>
public sealed record ClientOptions
{
    /// <summary>Name for counters and displays.</summary>
    public required string Name { get; init; }

    /// <summary>What it mostly does; each pass states its own kind.</summary>
    public PassKind Phase { get; init; } = PassKind.Training;

    /// <summary>Latency or throughput first.</summary>
    public PerformanceGoal Goal { get; init; } = PerformanceGoal.Throughput;

    /// <summary>Weight in the fairness account; larger gets more.</summary>
    public double Share { get; init; } = 1;

    /// <summary>Type of the client's activations; null = the base's compute type.</summary>
    public ScalarType? Type { get; init; }

    /// <summary>Where the client computes: its inputs come from there and its results go there; null = where the base is.</summary>
    public Device? Device { get; init; }

    /// <summary>What moves tensors between the two devices, where they differ.</summary>
    public IDeviceTransfer Transfer { get; init; } = TorchTransfer.Instance;
}

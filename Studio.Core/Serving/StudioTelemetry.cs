using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;

namespace Studio.Core.Serving;

/// <summary>Counters of one base model's executor.</summary>
/// <param name="ModelId">The model.</param>
/// <param name="ModelName">Its name.</param>
/// <param name="Policy">Batching policy in force.</param>
/// <param name="Counters">What it has done.</param>
/// <param name="PeakOperations">The most floating-point operations a second that the machine has reached on this model's products; 0 where not measured.</param>
public sealed record ExecutorView(string ModelId, string ModelName, BatchingPolicy Policy, ExecutorCounters Counters, double PeakOperations = 0)
{
    /// <summary>Tokens that chats on this model generated a second, over the last seconds.</summary>
    public double ChatTokensPerSecond { get; init; }
}

/// <summary>Memory as measured from outside and as accounted for inside.</summary>
public sealed record MemoryView(MemoryReading Process, MemorySnapshot Owners);

/// <summary>Everything pages and hubs read live: metrics, logs, memory, counters. Reading never disturbs a run.</summary>
public sealed class StudioTelemetry(ChangeSignal changes, MetricStore metrics, EventLog log, ClientRegistry clients, Func<MemoryView> memory, Func<IReadOnlyList<ExecutorView>> executors,
    Func<string, long, IReadOnlyList<ExecutorSpan>>? timeline = null)
{
    /// <summary>Signals by owner (a run's id).</summary>
    public ChangeSignal Changes { get; } = changes;

    /// <summary>Series per run; names in <see cref="Training.RunSeries"/>.</summary>
    public MetricStore Metrics { get; } = metrics;

    /// <summary>Log lines per run.</summary>
    public EventLog Log { get; } = log;

    /// <summary>Who is attached to a base and what each holds.</summary>
    public ClientRegistry Clients { get; } = clients;

    /// <summary>A reading of memory now (a few hundred microseconds).</summary>
    public MemoryView ReadMemory() => memory();

    /// <summary>Executor counters now, one entry per loaded base model.</summary>
    public IReadOnlyList<ExecutorView> ReadExecutors() => executors();

    /// <summary>What a base model's executor computed, product by product, since a <see cref="System.Diagnostics.Stopwatch"/> time stamp; bounded, empty for an unknown model.</summary>
    public IReadOnlyList<ExecutorSpan> ReadTimeline(string modelId, long since) => timeline?.Invoke(modelId, since) ?? [];
}

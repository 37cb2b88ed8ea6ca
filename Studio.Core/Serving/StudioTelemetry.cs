using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;

namespace Studio.Core.Serving;

/// <summary>Counters of one base model's executor.</summary>
public sealed record ExecutorView(string ModelId, string ModelName, BatchingPolicy Policy, ExecutorCounters Counters);

/// <summary>Memory as measured from outside and as accounted for inside.</summary>
public sealed record MemoryView(MemoryReading Process, MemorySnapshot Owners);

/// <summary>Everything pages and hubs read live: metrics, logs, memory, counters. Reading never disturbs a run.</summary>
public sealed class StudioTelemetry(ChangeSignal changes, MetricStore metrics, EventLog log, ClientRegistry clients, Func<MemoryView> memory, Func<IReadOnlyList<ExecutorView>> executors)
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
}

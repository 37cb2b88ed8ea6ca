using Microsoft.Extensions.Logging;
using Studio.Core.Clients;
using Studio.Core.Storage;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;

namespace Studio.Core.Runs;

/// <summary>What all runs share. Owned by whoever made it.</summary>
public sealed record RunServices
{
    /// <summary>Models, data sets and adapters.</summary>
    public required IRunEnvironment Environment { get; init; }

    /// <summary>Where everything but steps is computed.</summary>
    public required ComputeLanePool Lanes { get; init; }

    /// <summary>Gives steps their turns.</summary>
    public required StepScheduler Steps { get; init; }

    /// <summary>Records and logs.</summary>
    public required StudioDatabase Database { get; init; }

    /// <summary>Live series.</summary>
    public required MetricStore Metrics { get; init; }

    /// <summary>Series on disk.</summary>
    public required MetricPersistence MetricFiles { get; init; }

    /// <summary>Log lines of each run.</summary>
    public required EventLog Log { get; init; }

    /// <summary>Who is attached to a base.</summary>
    public required ClientRegistry Clients { get; init; }

    /// <summary>Who holds how many bytes.</summary>
    public required MemoryLedger Memory { get; init; }

    /// <summary>Memory of the place where bases and runs are.</summary>
    public required MemoryGauge Gauge { get; init; }

    /// <summary>Bytes of all bases that are mapped from files, now. Default: none.</summary>
    public Func<long> MappedBytes { get; init; } = () => 0;

    /// <summary>Diagnostics of the program.</summary>
    public required ILogger<RunManager> Logger { get; init; }

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>Settings of the run manager.</summary>
public sealed record RunManagerOptions
{
    /// <summary>Runs that train at once; further ones are queued and start by themselves.</summary>
    public int MaximumActive { get; init; } = 16;

    /// <summary>Bytes that the studio may take, bases included; 0 = nine tenths of what there is.</summary>
    public long MemoryBudget { get; init; }

    /// <summary>Time between two looks at the memory while runs train or wait.</summary>
    public TimeSpan MemoryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether values and moments of runs lie in files between steps; admission counts with it.</summary>
    public bool ParksIdleState { get; init; }

    /// <summary>Steps after which a run writes its adapter.</summary>
    public int SaveEverySteps { get; init; } = 50;

    /// <summary>Time after which a run writes its adapter, if that comes first.</summary>
    public TimeSpan SaveInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time between two writes of a run's progress.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Ended runs whose series are loaded at the start; those of older runs are loaded when they are looked at.</summary>
    public int RestoredAtStart { get; init; } = 50;
}

using Studio.Core.Adapters;
using Studio.Core.Storage;
using Studio.Core.Training;

namespace Studio.Core.Runs;

/// <summary>What to fine-tune.</summary>
public sealed record RunRequest
{
    /// <summary>Name of the run and of its adapter; empty = made from the data set's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>A loaded base model.</summary>
    public required string ModelId { get; init; }

    /// <summary>A data set.</summary>
    public required string DatasetId { get; init; }

    /// <summary>The adapter's settings.</summary>
    public required AdapterSpec Adapter { get; init; }

    /// <summary>Settings of the training.</summary>
    public TrainingSettings Training { get; init; } = new();
}

/// <summary>A run as it is at this moment.</summary>
/// <param name="Record">Identity, state and latest figures (kept current in memory while it runs).</param>
/// <param name="Request">Its settings.</param>
/// <param name="TokensPerSecond">Speed over the last seconds; 0 when it does not run.</param>
/// <param name="Remaining">Estimated time to the end; null when unknown or not running.</param>
/// <param name="HeldBytes">Adapter values, moments and gradients it holds in memory.</param>
public sealed record RunView(RunRecord Record, RunRequest Request, double TokensPerSecond, TimeSpan? Remaining, long HeldBytes)
{
    /// <summary>Memory expected and measured.</summary>
    public RunMemory Memory { get; init; } = RunMemory.None;

    /// <summary>What it waits for; null unless it is queued and there is no room or place for it. Its sentence is the record's reason.</summary>
    public StartsAfter? Waiting { get; init; }
}

/// <summary>Fine-tunes. They live in the engine: no page, circuit or request owns them.</summary>
public interface IRunService
{
    /// <summary>All runs, newest first.</summary>
    IReadOnlyList<RunView> Runs { get; }

    /// <summary>One run, or null.</summary>
    RunView? Find(string id);

    /// <summary>Waits until the series and the log of a run of an earlier session are in the live stores. Default: they are.</summary>
    Task RestoreTelemetryAsync(string id) => Task.CompletedTask;

    /// <summary>Everything that is wrong with a request; empty when nothing is.</summary>
    Task<IReadOnlyList<string>> CheckAsync(RunRequest request, CancellationToken ct = default);

    /// <summary>What a request would take, and what would happen if it were started now.</summary>
    /// <exception cref="StudioException">The request has problems.</exception>
    Task<RunForecast> ForecastAsync(RunRequest request, CancellationToken ct = default);

    /// <summary>Starts (or queues) a run; the record is stored when the task completes.</summary>
    /// <exception cref="StudioException">The request has problems, or needs more memory than the studio may take; Details lists all of them.</exception>
    Task<RunView> StartAsync(RunRequest request, CancellationToken ct = default);

    /// <summary>Pauses at the next step boundary.</summary>
    Task PauseAsync(string id, CancellationToken ct = default);

    /// <summary>Pauses at once: the step in flight is abandoned and is repeated after the pause, so the run loses that time and nothing else.</summary>
    Task PauseNowAsync(string id, CancellationToken ct = default);

    /// <summary>Goes on after a pause.</summary>
    Task ResumeAsync(string id, CancellationToken ct = default);

    /// <summary>Ends a run at the next step boundary and keeps the adapter as it is.</summary>
    Task StopAsync(string id, CancellationToken ct = default);

    /// <summary>Deletes a run that has ended, with its metrics; its adapter stays.</summary>
    /// <exception cref="StudioException">It has not ended.</exception>
    Task DeleteAsync(string id, CancellationToken ct = default);

    /// <summary>Raised when a run appeared, disappeared or changed state. Points and progress are signalled through the studio's <see cref="Telemetry.ChangeSignal"/> under the run's id.</summary>
    event Action<string>? StateChanged;
}

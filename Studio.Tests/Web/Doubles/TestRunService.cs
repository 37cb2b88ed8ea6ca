using Studio.Core;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Runs;
using Studio.Core.Storage;

namespace Studio.Tests.Web.Doubles;

/// <summary>Runs that do what a test says and remember what was asked of them.</summary>
internal sealed class TestRunService : IRunService
{
    private readonly List<RunView> _runs = [];
    private int _handlers;
    private Action<string>? _stateChanged;

    public event Action<string>? StateChanged
    {
        add
        {
            _stateChanged += value;
            _handlers++;
        }
        remove
        {
            _stateChanged -= value;
            _handlers--;
        }
    }

    /// <summary>Who listens to <see cref="StateChanged"/>.</summary>
    public int Handlers => _handlers;

    /// <summary>What <see cref="CheckAsync"/> finds.</summary>
    public IReadOnlyList<string> Findings { get; set; } = [];

    /// <summary>Data set whose start is refused, and why.</summary>
    public (string DatasetId, StudioException Reason)? Refused { get; set; }

    /// <summary>What a pause at the step boundary waits for.</summary>
    public TaskCompletionSource? Pausing { get; set; }

    /// <summary>What is forecast of every request: a step of 2 MiB that fits.</summary>
    public RunForecast Forecast { get; set; } = new(1_000, 60, new MemoryForecast(4_000, 8_000, 97_152, 1_000_000, 1_000_000), new FitsNow(1 << 30, 4L << 30));

    public List<RunRequest> Started { get; } = [];

    /// <summary>Verb and id of each call.</summary>
    public List<string> Calls { get; } = [];

    public IReadOnlyList<RunView> Runs => _runs;

    public RunView? Find(string id) => _runs.FirstOrDefault(run => run.Record.Id == id);

    /// <summary>Adds a run as the newest.</summary>
    public RunView Add(string id, RunState state = RunState.Running, string dataset = "pirate", AdapterSpec? adapter = null, long step = 10)
    {
        var request = new RunRequest { Name = id + " run", ModelId = TestModelService.ModelId, DatasetId = dataset, Adapter = adapter ?? new LoraSpec() };
        return Add(id, request, state, step);
    }

    /// <summary>Changes a run and says so.</summary>
    public void Change(string id, Func<RunView, RunView> change)
    {
        var index = _runs.FindIndex(run => run.Record.Id == id);
        _runs[index] = change(_runs[index]);
        _stateChanged?.Invoke(id);
    }

    public Task<IReadOnlyList<string>> CheckAsync(RunRequest request, CancellationToken ct = default) => Task.FromResult(Findings);

    public Task<RunForecast> ForecastAsync(RunRequest request, CancellationToken ct = default) => Task.FromResult(Forecast);

    public Task<RunView> StartAsync(RunRequest request, CancellationToken ct = default)
    {
        if (Refused is { } refused && refused.DatasetId == request.DatasetId)
            return Task.FromException<RunView>(refused.Reason);
        Started.Add(request);
        var run = Add($"new{Started.Count}", request, RunState.Queued, 0);
        _stateChanged?.Invoke(run.Record.Id);
        return Task.FromResult(run);
    }

    public Task PauseAsync(string id, CancellationToken ct = default)
    {
        CallAsync("pause", id);
        return Pausing?.Task ?? Task.CompletedTask;
    }

    public Task PauseNowAsync(string id, CancellationToken ct = default) => CallAsync("pause-now", id);

    public Task ResumeAsync(string id, CancellationToken ct = default) => CallAsync("resume", id);

    public Task StopAsync(string id, CancellationToken ct = default) => CallAsync("stop", id);

    public Task DeleteAsync(string id, CancellationToken ct = default)
    {
        _runs.RemoveAll(run => run.Record.Id == id);
        _stateChanged?.Invoke(id);
        return CallAsync("delete", id);
    }

    private Task CallAsync(string verb, string id)
    {
        Calls.Add($"{verb} {id}");
        return Task.CompletedTask;
    }

    private RunView Add(string id, RunRequest request, RunState state, long step)
    {
        var record = new RunRecord
        {
            Id = id,
            Name = request.Name.Length > 0 ? request.Name : request.DatasetId,
            State = state,
            BaseModelId = request.ModelId,
            BaseFingerprint = "f",
            DatasetId = request.DatasetId,
            AdapterId = id + "-adapter",
            Settings = "{}",
            SettingsSchema = 1,
            CreatedAt = DateTimeOffset.UnixEpoch,
            StartedAt = DateTimeOffset.UnixEpoch,
            Step = step,
            TotalSteps = 40,
            LastLoss = 1.25,
            LastEvalLoss = 1.5,
        };
        var run = new RunView(record, request, state == RunState.Running ? 200 : 0, state == RunState.Running ? TimeSpan.FromSeconds(95) : null, 4_096);
        _runs.Insert(0, run);
        return run;
    }
}

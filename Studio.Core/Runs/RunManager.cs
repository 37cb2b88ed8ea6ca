using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Studio.Core.Runs.Admission;
using Studio.Core.Storage;
using Studio.Core.Tensors;
using Studio.Core.Training;

namespace Studio.Core.Runs;

/// <summary>
/// All fine-tunes of the studio. Each unfinished run has a task of its own, and at most <see cref="RunManagerOptions.MaximumActive"/> train at
/// once, as memory allows. Disposing ends every run at its next step boundary with its adapter saved.
/// </summary>
public sealed class RunManager : IRunService, IAsyncDisposable
{
    private readonly RunServices _services;
    private readonly RunManagerOptions _options;
    private readonly RunChecks _checks;
    private readonly RunHistory _history;
    private readonly RunAdmission _admission;
    private readonly BudgetWatch _watch;
    private readonly ConcurrentDictionary<string, FineTuneRun> _runs = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _starting = new(1);
    private Task _restoring = Task.CompletedTask;
    private Task _watching = Task.CompletedTask;

    private RunManager(RunServices services, RunManagerOptions options)
    {
        _services = services;
        _options = options;
        _admission = new RunAdmission(services, options, id => _runs.GetValueOrDefault(id)?.View.Remaining);
        services.Steps.Room = _admission.StepRoom;
        _checks = new RunChecks(services, _admission);
        _history = new RunHistory(services);
        _watch = new BudgetWatch(_admission.Budget, () => _admission.Used, Watched, (id, reason) => _runs.GetValueOrDefault(id)?.Ask(RunWish.Pause, reason), DeviceMemory.ReturnFreed);
    }

    /// <inheritdoc/>
    public event Action<string>? StateChanged;

    /// <inheritdoc/>
    public IReadOnlyList<RunView> Runs =>
        [.. _runs.Values.Select(run => run.View).OrderByDescending(view => view.Record.CreatedAt).ThenByDescending(view => view.Record.Id, StringComparer.Ordinal)];

    /// <summary>Reads the stored runs. Those that the last session left unfinished (it was killed) are stopped where they stood.</summary>
    /// <param name="services">What runs share; stays with the caller, and must outlive the manager.</param>
    /// <param name="options">Settings.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="StorageException">The database cannot be read.</exception>
    public static async Task<RunManager> OpenAsync(RunServices services, RunManagerOptions? options = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(services);
        var manager = new RunManager(services, options ?? new RunManagerOptions());
        foreach (var stored in await services.Database.Runs.ListAsync(ct).ConfigureAwait(false)) await manager.AdoptAsync(stored, ct).ConfigureAwait(false);
        manager._restoring = Task.Run(manager.RestoreNewestAsync, CancellationToken.None);
        manager._watching = Task.Run(manager.WatchMemoryAsync, CancellationToken.None);
        return manager;
    }

    /// <inheritdoc/>
    public RunView? Find(string id)
    {
        _history.Want(id);
        return _runs.GetValueOrDefault(id)?.View;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> CheckAsync(RunRequest request, CancellationToken ct = default) => _checks.CheckAsync(request, ct);

    /// <inheritdoc/>
    public Task<RunForecast> ForecastAsync(RunRequest request, CancellationToken ct = default) => _checks.ForecastAsync(request, ct);

    /// <inheritdoc/>
    public async Task<RunView> StartAsync(RunRequest request, CancellationToken ct = default)
    {
        var problems = await _checks.CheckAsync(request, ct).ConfigureAwait(false);
        if (problems.Count > 0) throw new StudioException("The run cannot start.", problems);
        var model = _services.Environment.FindModel(request.ModelId) ?? throw new NotFoundException("base model", request.ModelId);
        // One at a time: names stay distinct, and none slips in while the manager closes.
        await _starting.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
            var (memory, verdict) = await _checks.MemoryAsync(request, model, ct).ConfigureAwait(false);
            if (verdict.RefusesStart) throw new StudioException("The run cannot start.", [verdict.Sentence]);
            return await StartAsync(request, model, memory, ct).ConfigureAwait(false);
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <inheritdoc/>
    public Task PauseAsync(string id, CancellationToken ct = default) => AskAsync(id, "pause", RunWish.Pause, "", state => state == RunState.Paused, ct);

    /// <inheritdoc/>
    public Task PauseNowAsync(string id, CancellationToken ct = default) => AskAsync(id, "pause", RunWish.Pause, "", state => state == RunState.Paused, ct, now: true);

    /// <inheritdoc/>
    public Task ResumeAsync(string id, CancellationToken ct = default) => AskAsync(id, "resume", RunWish.Run, "", state => state != RunState.Paused, ct);

    /// <inheritdoc/>
    public Task StopAsync(string id, CancellationToken ct = default) => AskAsync(id, "stop", RunWish.Stop, "Stopped by the user.", _ => false, ct);

    /// <inheritdoc/>
    public async Task DeleteAsync(string id, CancellationToken ct = default)
    {
        var run = Existing(id);
        var record = run.View.Record;
        if (!record.State.HasEnded()) throw new StudioException($"The run '{record.Name}' is {record.State}; stop it before deleting it.");
        await run.Life.WaitAsync(ct).ConfigureAwait(false);
        await _services.Database.Runs.DeleteAsync(id, ct).ConfigureAwait(false);
        if (!_runs.TryRemove(id, out _)) return;
        run.Dispose();
        await _history.ForgetAsync(id).ConfigureAwait(false);
        RaiseStateChanged(id);
    }

    /// <summary>Ends every run at its next step boundary, saves the adapters, and waits for all of it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested) return;
        await _starting.WaitAsync().ConfigureAwait(false);
        await _closing.CancelAsync().ConfigureAwait(false);
        _starting.Release();
        foreach (var run in _runs.Values) run.Ask(RunWish.Close, "The studio was closed.");
        await Task.WhenAll([_restoring, _watching, .. _runs.Values.Select(run => run.Life)]).ConfigureAwait(false);
        foreach (var run in _runs.Values) run.Dispose();
        _admission.Dispose();
        _starting.Dispose();
    }

    /// <inheritdoc/>
    public Task RestoreTelemetryAsync(string id) => _history.WantAsync(id);

    /// <summary>Waits until a run has ended and let go of everything.</summary>
    internal Task WhenEndedAsync(string id) => Existing(id).Life;

    private async Task<RunView> StartAsync(RunRequest request, RunBase model, MemoryForecast memory, CancellationToken ct)
    {
        var record = new RunRecord
        {
            Id = StudioId.New(),
            Name = string.IsNullOrWhiteSpace(request.Name) ? await FreeNameAsync(request.DatasetId, ct).ConfigureAwait(false) : request.Name.Trim(),
            State = RunState.Queued,
            BaseModelId = request.ModelId,
            BaseFingerprint = model.Model.Fingerprint,
            DatasetId = request.DatasetId,
            AdapterId = StudioId.New(),
            Settings = RunSettingsJson.Write(request),
            SettingsSchema = TrainingSettings.Schema,
            CreatedAt = _services.Time.GetUtcNow(),
        };
        try
        {
            await _services.Database.Runs.UpsertAsync(record, ct).ConfigureAwait(false);
        }
        catch (StorageException e)
        {
            throw new StudioException($"The run could not be stored: {e.Message}", inner: e);
        }
        var run = NewRun(record, request, memory);
        run.Begin();
        RaiseStateChanged(record.Id);
        return run.View;
    }

    private async Task AskAsync(string id, string verb, RunWish wish, string reason, Func<RunState, bool> reached, CancellationToken ct, bool now = false)
    {
        var run = Existing(id);
        var record = run.View.Record;
        if (record.State.HasEnded()) throw new StudioException($"The run '{record.Name}' has ended ({record.State}); there is nothing to {verb}.");
        run.Ask(wish, reason, now);
        await run.WaitForAsync(wish, state => state.HasEnded() || reached(state), ct).ConfigureAwait(false);
    }

    private FineTuneRun Existing(string id) => _runs.GetValueOrDefault(id) ?? throw new NotFoundException("run", id);

    private FineTuneRun NewRun(RunRecord record, RunRequest request, MemoryForecast? memory)
    {
        var run = new FineTuneRun(_services, _options, _admission, record, request, memory, RaiseStateChanged);
        _runs[record.Id] = run;
        return run;
    }

    private async Task AdoptAsync(RunRecord stored, CancellationToken ct)
    {
        RunRequest request;
        try
        {
            request = RunSettingsJson.Read(stored);
        }
        catch (StorageException e)
        {
            _services.Logger.LogError(e, "Run {Run} is not shown.", stored.Id);
            return;
        }
        var record = stored;
        if (!stored.State.HasEnded())
        {
            string doing = stored.State switch { RunState.Queued => "queued", RunState.Paused => "paused", _ => "running" };
            string reason = stored.SavedStep is { } saved
                ? Text($"The studio was closed while this run was {doing}, at step {stored.Step}; its adapter holds the state of step {saved}.")
                : $"The studio was closed while this run was {doing}, before its first step.";
            var now = _services.Time.GetUtcNow();
            record = stored.In(RunState.Stopped, reason, now);
            await _services.Database.Runs.UpsertAsync(record, ct).ConfigureAwait(false);
            await _services.Database.RunLog.AppendAsync(record.Id, now, LogLevel.Warning, reason, ct).ConfigureAwait(false);
        }
        NewRun(record, request, memory: null);
        _history.Register(record.Id);
    }

    private IReadOnlyList<WatchedRun> Watched() =>
    [
        .. _runs.Values.Select(run => (run.View, run.IsLeaving)).Where(run => run.View.Record.State == RunState.Running)
            .Select(run => new WatchedRun(run.View.Record.Id, run.View.Record.StartedAt ?? run.View.Record.CreatedAt, run.View.Memory, run.IsLeaving)),
    ];

    [SuppressMessage("Design", "CA1031", Justification = "A reading of memory that fails is logged; runs must go on, and the next one may succeed.")]
    private async Task WatchMemoryAsync()
    {
        using var timer = new PeriodicTimer(_options.MemoryInterval, _services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_closing.Token).ConfigureAwait(false))
            {
                try
                {
                    _admission.Review();
                    _watch.Check();
                }
                catch (Exception e)
                {
                    _services.Logger.LogError(e, "The studio's memory could not be looked at.");
                }
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The manager closes.
        }
    }

    private async Task RestoreNewestAsync()
    {
        foreach (var view in Runs.Take(_options.RestoredAtStart))
        {
            if (_closing.IsCancellationRequested) return;
            await _history.WantAsync(view.Record.Id).ConfigureAwait(false);
        }
    }

    private async Task<string> FreeNameAsync(string datasetId, CancellationToken ct)
    {
        string name = (await _services.Environment.FindDatasetAsync(datasetId, ct).ConfigureAwait(false))?.Name ?? throw new NotFoundException("data set", datasetId);
        var taken = _runs.Values.Select(run => run.View.Record.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return Enumerable.Range(1, taken.Count + 1).Select(i => i == 1 ? name : Text($"{name} {i}")).First(candidate => !taken.Contains(candidate));
    }

    [SuppressMessage("Design", "CA1031", Justification = "A listener's failure is logged; it concerns neither the run nor the other listeners.")]
    private void RaiseStateChanged(string id)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(StateChanged))
        {
            try
            {
                handler(id);
            }
            catch (Exception e)
            {
                _services.Logger.LogError(e, "A listener failed on the change of run {Run}.", id);
            }
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

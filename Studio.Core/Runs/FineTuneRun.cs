using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Studio.Core.Runs.Admission;
using Studio.Core.Storage;
using Studio.Core.Telemetry;
using Studio.Core.Training;

namespace Studio.Core.Runs;

/// <summary>
/// One run from its queue place to its end. A task of its own does one thing after the other (prepare, evaluate, step, save) and looks at
/// its owner's wish in between; whatever goes wrong in it ends this run and no other.
/// </summary>
internal sealed class FineTuneRun : IDisposable
{
    private readonly RunServices _services;
    private readonly RunManagerOptions _options;
    private readonly RunAdmission _admission;
    private readonly RunJournal _journal;
    private readonly RunWishes _wishes = new();
    private readonly Action<string> _stateChanged;
    private readonly ThroughputMeter _throughput;
    private readonly EtaEstimator _eta;
    private volatile TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile RunSession? _session;
    private volatile RunState _storedState;
    private volatile MemoryForecast? _expected;
    private volatile MemoryForecast? _predicted;
    private volatile StartsAfter? _waiting;
    private bool _seated;
    private long _measured;
    private long _adapterSavedAt;

    /// <summary>Takes over a run whose record is stored: a queued one to be begun, or one that has ended.</summary>
    /// <param name="services">What runs share.</param>
    /// <param name="options">Settings of all runs.</param>
    /// <param name="admission">Lets it train.</param>
    /// <param name="record">Its record.</param>
    /// <param name="request">Its settings.</param>
    /// <param name="expected">Memory that it takes by calculation; null for one that has ended.</param>
    /// <param name="stateChanged">Told its id when its state has changed.</param>
    public FineTuneRun(RunServices services, RunManagerOptions options, RunAdmission admission, RunRecord record, RunRequest request, MemoryForecast? expected, Action<string> stateChanged)
    {
        _services = services;
        _options = options;
        _admission = admission;
        Expect(expected, record.BaseModelId);
        _stateChanged = stateChanged;
        Request = request;
        _journal = new RunJournal(services, record, options.ProgressInterval);
        _storedState = record.State;
        _throughput = new ThroughputMeter(services.Time);
        _eta = new EtaEstimator(services.Time);
    }

    /// <summary>Its settings.</summary>
    public RunRequest Request { get; }

    /// <summary>The run as it is now.</summary>
    public RunView View
    {
        get
        {
            var record = _journal.Record;
            bool running = record.State == RunState.Running;
            return new RunView(record, Request, running ? _throughput.TokensPerSecond : 0,
                running && record.TotalSteps > 0 ? _eta.Remaining(record.TotalSteps) : null, _session?.HeldBytes ?? 0)
            {
                Memory = new RunMemory(_predicted, MeasuredBytes, _session?.HeldBytes ?? 0),
                Waiting = record.State == RunState.Queued ? _waiting : null,
            };
        }
    }

    /// <summary>Whether it is to stop taking steps at the next boundary.</summary>
    public bool IsLeaving => _wishes.Current.Wish != RunWish.Run;

    /// <summary>The run's task; completes when the run has ended and let go of everything.</summary>
    public Task Life { get; private set; } = Task.CompletedTask;

    /// <summary>Starts the run's task.</summary>
    public void Begin() => Life = Task.Run(LiveAsync);

    /// <summary>Makes a wish, to be followed from the next step boundary on, or now.</summary>
    public void Ask(RunWish wish, string reason = "", bool now = false)
    {
        _wishes.Make(wish, reason, now);
        Settle();
    }

    /// <summary>Waits until the run stands in such a state (stored), or its wish is another one by now.</summary>
    public async Task WaitForAsync(RunWish wish, Func<RunState, bool> reached, CancellationToken ct)
    {
        while (true)
        {
            var next = _settled.Task;
            if (reached(_storedState) || _wishes.Current.Wish != wish) return;
            await next.WaitAsync(ct).ConfigureAwait(false);
        }
    }

    /// <summary>Frees the wishes' token.</summary>
    public void Dispose() => _wishes.Dispose();

    private async Task LiveAsync()
    {
        while (!_journal.Record.State.HasEnded()) await AdvanceAsync().ConfigureAwait(false);
    }

    [SuppressMessage("Design", "CA1031", Justification = "The boundary of a run: whatever fails in it ends this run, is shown as its error, and reaches no other.")]
    private async Task AdvanceAsync()
    {
        var (wish, reason, changed, abandoned) = _wishes.Current;
        try
        {
            switch (wish)
            {
                case RunWish.Run:
                    await WorkAsync(changed, abandoned).ConfigureAwait(false);
                    break;
                case RunWish.Pause:
                    await HoldAsync(reason, changed).ConfigureAwait(false);
                    break;
                default:
                    await EndAsync(RunState.Stopped, reason).ConfigureAwait(false);
                    break;
            }
        }
        catch (OperationCanceledException) when (changed.IsCancellationRequested)
        {
            // Another wish came while this one waited.
        }
        catch (Exception e)
        {
            _services.Logger.LogError(e, "Run {Run} ({Name}) failed.", _journal.Record.Id, _journal.Record.Name);
            string cause = e is StudioException or NotFiniteNumberException or IOException ? e.Message : $"{e.GetType().Name}: {e.Message}";
            _journal.Update(record => record with { Error = cause });
            // Values that gave a loss which is no number are worth less than those on the disk.
            await EndAsync(RunState.Failed, cause, keepsLastSave: e is NotFiniteNumberException).ConfigureAwait(false);
        }
    }

    // One piece of work: whatever comes next.
    private async Task WorkAsync(CancellationToken changed, CancellationToken abandoned)
    {
        if (!_seated)
        {
            await TakeSeatAsync(changed).ConfigureAwait(false);
            return;
        }
        if (_session is not { } session)
        {
            await PrepareAsync(changed).ConfigureAwait(false);
            return;
        }

        var loop = session.Loop;
        if (loop.IsEvaluationDue && session.EvaluatedAt != loop.Step)
        {
            await EvaluateAsync(session, changed).ConfigureAwait(false);
        }
        else if (IsSaveDue(loop))
        {
            if (await TrySaveAdapterAsync(session).ConfigureAwait(false) is { } problem)
                _wishes.Make(RunWish.Pause, $"The adapter could not be saved: {problem} Make room and resume; nothing is lost.");
            // At once, so that a run that is killed knows which step its files hold.
            await _journal.SaveAsync().ConfigureAwait(false);
        }
        else if (loop.IsDone)
        {
            await EndAsync(RunState.Finished, "").ConfigureAwait(false);
        }
        else
        {
            await StepAsync(session, changed, abandoned).ConfigureAwait(false);
        }
        await _journal.SaveProgressAsync().ConfigureAwait(false);
    }

    private async Task TakeSeatAsync(CancellationToken changed)
    {
        if (_journal.Record.State == RunState.Paused) await EnterAsync(RunState.Queued, "").ConfigureAwait(false);
        var record = _journal.Record;
        var memory = _expected ?? throw new InvalidOperationException($"Run '{record.Id}' has ended and cannot train.");
        try
        {
            await _admission.EnterAsync(new RunNeed(record.Id, record.AdapterId, record.BaseModelId, record.Name, memory), ExplainWaitAsync, changed).ConfigureAwait(false);
        }
        finally
        {
            _waiting = null;
        }
        _seated = true;
        await EnterAsync(RunState.Running, "").ConfigureAwait(false);
        _session?.Report(training: true);
    }

    private async Task ExplainWaitAsync(StartsAfter wait)
    {
        _waiting = wait;
        _journal.Update(record => record with { StateReason = wait.Sentence });
        _journal.Line(LogLevel.Information, wait.Sentence);
        await _journal.SaveAsync().ConfigureAwait(false);
        _stateChanged(_journal.Record.Id);
    }

    private async Task PrepareAsync(CancellationToken changed)
    {
        var session = await RunSession.PrepareAsync(_services, _admission.Meter, _journal.Record, Request, changed).ConfigureAwait(false);
        _session = session;
        Expect(session.Memory, _journal.Record.BaseModelId);
        _admission.Update(_journal.Record.Id, session.Memory);
        var data = session.Data;
        _journal.Update(record => record with { TotalSteps = session.Loop.TotalSteps, SavedStep = 0 });
        _adapterSavedAt = _services.Time.GetTimestamp();
        _journal.Line(LogLevel.Information, Text(
            $"{data.Train.Count} samples to train on, {data.HeldOut.Count} held out; {session.Loop.TotalSteps} steps; {session.Lease.Instance.Adapter.Parameters.Count:N0} trainable parameters."));
        if (data.Truncated > 0) _journal.Line(LogLevel.Warning, Text($"{data.Truncated} samples were cut to {Request.Training.MaxLength} tokens."));
        if (data.Dropped > 0) _journal.Line(LogLevel.Warning, Text($"{data.Dropped} rows were left out: no token to train on within {Request.Training.MaxLength} tokens."));
        session.Report(training: true);
        _eta.Report(0);
    }

    private async Task EvaluateAsync(RunSession session, CancellationToken changed)
    {
        var loss = await session.EvaluateAsync(changed).ConfigureAwait(false);
        session.EvaluatedAt = session.Loop.Step;
        _journal.Update(record => record with { LastEvalLoss = loss.Mean, BestEvalLoss = Math.Min(record.BestEvalLoss ?? double.PositiveInfinity, loss.Mean) });
        _journal.Point(RunSeries.EvalLoss, loss.Mean);
        _journal.Line(LogLevel.Information, Text($"Step {session.Loop.Step}: held-out loss {loss.Mean:F4}."));
        if (session.Loop.Step == 0) _eta.Report(0); // the pace counts from here, not from the preparation
    }

    private async Task StepAsync(RunSession session, CancellationToken changed, CancellationToken abandoned)
    {
        StepReport step;
        try
        {
            step = await session.StepAsync(changed, abandoned).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (e.CancellationToken == abandoned)
        {
            _journal.Line(LogLevel.Information, Text($"Step {session.Loop.Step + 1} was abandoned; it is repeated after the pause."));
            throw;
        }
        _throughput.Add(step.Tokens);
        _eta.Report(step.Step);
        _journal.Update(record => record with { Step = step.Step, Epoch = step.Epoch, TokensSeen = step.TokensSeen, LastLoss = step.Loss.Mean });
        _journal.Point(RunSeries.Loss, step.Loss.Mean);
        _journal.Point(RunSeries.LearningRate, step.LearningRate);
        _journal.Point(RunSeries.GradientNorm, step.GradientNorm);
        _journal.Point(RunSeries.TokensPerSecond, _throughput.TokensPerSecond);
        if (step.Step == 1) session.Report(training: true); // now there are moments
    }

    private async Task HoldAsync(string reason, CancellationToken changed)
    {
        if (_journal.Record.State != RunState.Paused)
        {
            _eta.Pause();
            await EnterAsync(RunState.Paused, reason).ConfigureAwait(false);
            _session?.Report(training: false);
            LeaveSeat();
        }
        await Task.Delay(Timeout.InfiniteTimeSpan, changed).ConfigureAwait(false);
    }

    private async Task EndAsync(RunState state, string reason, bool keepsLastSave = false)
    {
        if (_session is { } session)
        {
            if (keepsLastSave)
                reason += Text($" Its adapter keeps the state of step {_journal.Record.SavedStep}.");
            else if (_journal.Record.SavedStep != session.Loop.Step && await TrySaveAdapterAsync(session).ConfigureAwait(false) is { } problem)
                reason += Text($" The adapter could not be saved: {problem} Its files hold the state of step {_journal.Record.SavedStep}.");
            _measured = session.MeasuredBytes ?? 0;
            _session = null;
            await session.ReleaseAsync().ConfigureAwait(false);
        }
        await EnterAsync(state, reason.TrimStart()).ConfigureAwait(false);
        LeaveSeat();
    }

    private async Task EnterAsync(RunState state, string reason)
    {
        _journal.Update(record => record.In(state, reason, _services.Time.GetUtcNow()));
        var level = state == RunState.Failed ? LogLevel.Error : LogLevel.Information;
        _journal.Line(level, reason.Length == 0 ? $"{state}." : $"{state}: {reason}");
        await _journal.SaveAsync().ConfigureAwait(false);
        _storedState = state;
        Settle();
        _stateChanged(_journal.Record.Id);
    }

    private bool IsSaveDue(FineTuneLoop loop)
    {
        long unsaved = loop.Step - (_journal.Record.SavedStep ?? 0);
        return unsaved > 0 && (loop.IsDone || unsaved >= _options.SaveEverySteps || _services.Time.GetElapsedTime(_adapterSavedAt) >= _options.SaveInterval);
    }

    /// <summary>Saves the adapter; returns what was said against it.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "A save that fails in whatever way is told to the owner; the run must still be able to pause and to end.")]
    private async Task<string?> TrySaveAdapterAsync(RunSession session)
    {
        try
        {
            await session.Lease.SaveAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _services.Logger.LogWarning(e, "The adapter of run {Run} could not be saved.", _journal.Record.Id);
            return e is IOException or UnauthorizedAccessException ? e.Message : $"{e.GetType().Name}: {e.Message}";
        }
        _adapterSavedAt = _services.Time.GetTimestamp();
        _journal.Update(record => record with { SavedStep = session.Loop.Step });
        return null;
    }

    private void LeaveSeat()
    {
        if (!_seated) return;
        _seated = false;
        _admission.Leave(_journal.Record.Id);
    }

    private long? MeasuredBytes => _session is { } session ? session.MeasuredBytes : Volatile.Read(ref _measured) is > 0 and var measured ? measured : null;

    // What is shown as predicted stays as it was said, whatever is learned from measuring this very run.
    private void Expect(MemoryForecast? memory, string modelId) => (_expected, _predicted) = (memory, memory is null ? null : _admission.Calibrated(modelId, memory));

    private void Settle() => Interlocked.Exchange(ref _settled, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

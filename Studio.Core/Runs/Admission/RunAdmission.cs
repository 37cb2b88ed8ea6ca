using Studio.Core.Telemetry;
using Studio.Core.Tensors;

namespace Studio.Core.Runs.Admission;

/// <summary>A run that wants to train.</summary>
/// <param name="RunId">Its id.</param>
/// <param name="AdapterId">The adapter that it trains.</param>
/// <param name="ModelId">Its base.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Memory">What it takes, without any factor.</param>
internal sealed record RunNeed(string RunId, string AdapterId, string ModelId, string Name, MemoryForecast Memory);

/// <summary>
/// Lets runs train while there is memory and a place for them; the others wait in the order in which they came, so that none waits forever. Knows what every run was
/// expected to take, and measures what steps do take.
/// </summary>
internal sealed class RunAdmission : IDisposable
{
    // Of what there is, this much stays for the system, page caches of files and what nobody foresees.
    private const double Reserve = 0.1;

    // A reading of memory costs a tenth of a millisecond; tiny steps begin more often than that matters.
    private static readonly TimeSpan RoomHolds = TimeSpan.FromMilliseconds(200);

    private readonly RunServices _services;
    private readonly RunManagerOptions _options;
    private readonly ForecastCalibration _calibration = new();
    private readonly Func<string, TimeSpan?> _remaining;
    private readonly Lock _gate = new();
    private readonly List<RunNeed> _active = [];
    private readonly List<Waiter> _waiting = [];
    private (long At, long Bytes)? _room;

    /// <summary>Creates it with nobody in it.</summary>
    /// <param name="services">What runs share.</param>
    /// <param name="options">Places and budget.</param>
    /// <param name="remaining">Estimated time to the end of a run; null where unknown.</param>
    public RunAdmission(RunServices services, RunManagerOptions options, Func<string, TimeSpan?> remaining)
    {
        _services = services;
        _options = options;
        _remaining = remaining;
        Budget = options.MemoryBudget > 0 ? options.MemoryBudget : (long)(services.Gauge.TotalBytes * (1 - Reserve));
        Meter = new StepMeter(services.Gauge.Native, HeldPrivately, DeviceMemory.ReturnFreed, _calibration, services.Time);
    }

    /// <summary>Bytes that the studio may take.</summary>
    public long Budget { get; }

    /// <summary>Measures steps.</summary>
    public StepMeter Meter { get; }

    /// <summary>Bytes that the studio takes now: private memory, and bases that are mapped from files.</summary>
    public long Used => _services.Gauge.Used() + _services.MappedBytes();

    /// <summary>Bytes that steps in flight may hold together, as of the last fraction of a second.</summary>
    public long StepRoom()
    {
        lock (_gate)
        {
            if (_room is not { } room || _services.Time.GetElapsedTime(room.At) > RoomHolds) _room = room = (_services.Time.GetTimestamp(), PlanFor(null).StepRoom);
            return room.Bytes;
        }
    }

    /// <summary>A forecast with the factor of its base.</summary>
    public MemoryForecast Calibrated(string modelId, MemoryForecast memory) => memory.Calibrated(_calibration.FactorOf(modelId)) with { IsParked = _options.ParksIdleState };

    /// <summary>What would be said to a request now.</summary>
    /// <param name="modelId">Its base.</param>
    /// <param name="memory">What it takes, without any factor.</param>
    /// <param name="batch">Its batch size.</param>
    /// <param name="cheaper">Settings that take less, without any factor, the least change first.</param>
    public AdmissionVerdict Judge(string modelId, MemoryForecast memory, int batch, IEnumerable<CheaperSettings> cheaper)
    {
        lock (_gate)
        {
            var before = _waiting.Count > 0 ? Planned(_waiting[^1].Run) : null;
            return AdmissionRules.Judge(PlanFor(null), before, Calibrated(modelId, memory), batch, cheaper.Select(settings => settings with { Memory = Calibrated(modelId, settings.Memory) }));
        }
    }

    /// <summary>Waits until a run may train; <see cref="Leave"/> gives its place back.</summary>
    /// <param name="run">The run.</param>
    /// <param name="explain">Told what it waits for, at first and whenever that changes; never told where it need not wait.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task EnterAsync(RunNeed run, Func<StartsAfter, Task> explain, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var waiter = new Waiter(run);
        lock (_gate) _waiting.Add(waiter);
        Review();
        try
        {
            while (true)
            {
                Task news;
                StartsAfter? verdict;
                lock (_gate) (news, verdict) = (waiter.News.Task, waiter.Verdict);
                if (verdict is null) return;
                await explain(verdict).ConfigureAwait(false);
                await news.WaitAsync(ct).ConfigureAwait(false);
            }
        }
        catch
        {
            bool entered;
            lock (_gate) entered = !_waiting.Remove(waiter);
            if (entered) Leave(run.RunId);
            else Review();
            throw;
        }
    }

    /// <summary>Replaces what a run that trains is expected to take: its data are known now.</summary>
    public void Update(string runId, MemoryForecast memory)
    {
        lock (_gate)
        {
            int place = _active.FindIndex(run => run.RunId == runId);
            if (place >= 0) _active[place] = _active[place] with { Memory = memory };
        }
        Review();
    }

    /// <summary>Gives a run's place back.</summary>
    public void Leave(string runId)
    {
        lock (_gate) _active.RemoveAll(run => run.RunId == runId);
        Review();
    }

    /// <summary>Lets those in for whom there is room now, and tells the others what they wait for. Also to be called from time to time: chats free memory and say nothing.</summary>
    public void Review()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0) return;
            PlannedRun? before = null;
            foreach (var waiter in _waiting.ToList())
            {
                var memory = Calibrated(waiter.Run.ModelId, waiter.Run.Memory);
                var plan = PlanFor(waiter.Run);
                if (before is null && plan.Admits(memory))
                {
                    _waiting.Remove(waiter);
                    _active.Add(waiter.Run);
                    waiter.Say(null);
                    continue;
                }
                waiter.Say(AdmissionRules.WaitOf(plan, before, memory));
                before = Planned(waiter.Run);
            }
        }
    }

    /// <summary>Ends the measurements.</summary>
    public void Dispose() => Meter.Dispose();

    private MemoryPlan PlanFor(RunNeed? candidate)
    {
        var mine = _active.Append(candidate).OfType<RunNeed>().SelectMany(run => new[] { run.RunId, run.AdapterId }).ToHashSet(StringComparer.Ordinal);
        long bases = 0, others = 0;
        foreach (var entry in _services.Memory.Snapshot().Entries)
        {
            if (entry.Category == MemoryCategory.Base) bases += entry.Bytes;
            else if (entry.Category != MemoryCategory.Activations && !mine.Contains(entry.Owner)) others += entry.Bytes;
        }
        long managed = Math.Max(0, _services.Gauge.Used() - _services.Gauge.Native());
        return new MemoryPlan(Budget, bases + Math.Max(0, Meter.Floor) + managed, others, _options.MaximumActive, [.. _active.Select(Planned)]);
    }

    private PlannedRun Planned(RunNeed run) => new(run.RunId, run.Name, Calibrated(run.ModelId, run.Memory), _remaining(run.RunId));

    private long HeldPrivately() =>
        _services.Memory.Snapshot().Entries.Where(entry => entry.Category != MemoryCategory.Activations).Sum(entry => entry.Bytes) - _services.MappedBytes();

    private sealed class Waiter(RunNeed run)
    {
        public RunNeed Run => run;

        // What it waits for; null once it may train.
        public StartsAfter? Verdict { get; private set; } = new StartsAfter(WaitCause.Place, null, null, 0);

        public TaskCompletionSource News { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Say(StartsAfter? verdict)
        {
            // Missing bytes change with every reading; that is no news.
            if ((verdict?.Cause, verdict?.RunId) == (Verdict?.Cause, Verdict?.RunId)) return;
            Verdict = verdict;
            var news = News;
            News = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            news.SetResult();
        }
    }
}

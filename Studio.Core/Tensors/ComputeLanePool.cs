namespace Studio.Core.Tensors;

/// <summary>How urgently a lane is wanted.</summary>
public enum LanePriority
{
    /// <summary>Training steps: at most <see cref="ComputeLanePool.TrainingLanes"/> at a time.</summary>
    Training,

    /// <summary>Chat and everything a person waits for: lanes of its own, never behind training.</summary>
    Interactive,
}

/// <summary>
/// The lanes of the process, some for training steps and a few for interactive work. A client owns no thread: it rents a lane for one step
/// or one decode pass. Which steps run at a time is decided before they come here.
/// </summary>
public sealed class ComputeLanePool : IDisposable
{
    /// <summary>Most training lanes unless told otherwise.</summary>
    public const int MostTrainingLanes = 32;

    private readonly SemaphoreSlim _training;
    private readonly SemaphoreSlim _interactive;
    private readonly Stack<ComputeLane> _idleTraining = new();
    private readonly Stack<ComputeLane> _idleInteractive = new();
    private readonly List<ComputeLane> _all = [];
    private readonly Lock _gate = new();
    private readonly int _cores;
    private int _busy, _trainingLanes, _interactiveLanes;

    /// <summary>Creates the lanes.</summary>
    /// <param name="trainingLanes">Most training lanes; 0 = <see cref="MostTrainingLanes"/>. A lane is made when it is first needed.</param>
    /// <param name="interactiveLanes">Lanes reserved for interactive work.</param>
    public ComputeLanePool(int trainingLanes = 0, int interactiveLanes = 2)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trainingLanes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(interactiveLanes);
        _cores = Environment.ProcessorCount;
        TrainingLanes = trainingLanes > 0 ? trainingLanes : MostTrainingLanes;
        _training = new SemaphoreSlim(TrainingLanes);
        _interactive = new SemaphoreSlim(interactiveLanes);
    }

    /// <summary>How many training steps may run at a time.</summary>
    public int TrainingLanes { get; }

    /// <summary>Lanes that run something now.</summary>
    public int BusyLanes => Volatile.Read(ref _busy);

    /// <summary>Rents a lane, runs the work on it, and gives it back. Intra-op threads = cores / busy lanes.</summary>
    public async Task<T> RunAsync<T>(LanePriority priority, Func<T> work, CancellationToken ct = default)
    {
        var (seats, idle) = priority == LanePriority.Training ? (_training, _idleTraining) : (_interactive, _idleInteractive);
        await seats.WaitAsync(ct).ConfigureAwait(false);
        ComputeLane lane;
        lock (_gate)
        {
            if (!idle.TryPop(out lane!)) lane = NewLane(priority);
        }
        int busy = Interlocked.Increment(ref _busy);
        try
        {
            return await lane.RunAsync(work, Math.Max(1, _cores / busy), ct).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _busy);
            lock (_gate) idle.Push(lane);
            seats.Release();
        }
    }

    /// <summary>Runs the work on a rented lane.</summary>
    public Task RunAsync(LanePriority priority, Action work, CancellationToken ct = default) =>
        RunAsync(priority, () => { work(); return true; }, ct);

    /// <summary>Ends all lanes after what they run now.</summary>
    public void Dispose()
    {
        foreach (var lane in _all) lane.Dispose();
        _training.Dispose();
        _interactive.Dispose();
    }

    private ComputeLane NewLane(LanePriority priority)
    {
        int number = priority == LanePriority.Training ? _trainingLanes++ : _interactiveLanes++;
        var lane = new ComputeLane($"{(priority == LanePriority.Training ? "train" : "interactive")}-{number}");
        _all.Add(lane);
        return lane;
    }
}

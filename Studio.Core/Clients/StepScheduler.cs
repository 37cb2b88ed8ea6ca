using Studio.Core.Execution;
using Studio.Core.Tensors;

namespace Studio.Core.Clients;

/// <summary>What a training step asks for.</summary>
/// <param name="Owner">Id of the run.</param>
/// <param name="Tokens">Tokens of the step, all its micro-batches together.</param>
/// <param name="Rows">Tokens of its largest micro-batch: the rows of its base calls.</param>
/// <param name="Bytes">Memory that it holds between forward and update; 0 where unknown.</param>
/// <param name="Share">The run's share, more than 0: of two runs that both want to train always, the one with twice the share gets twice the tokens.</param>
public sealed record StepDemand(string Owner, long Tokens, int Rows, long Bytes = 0, double Share = 1);

/// <summary>Settings of a <see cref="StepScheduler"/>.</summary>
public sealed record StepSchedulerOptions
{
    /// <summary>K, the steps in flight; 0 = as many as keep the cores busy: one a core, and several tiny ones, whose rows share the base's products.</summary>
    public int StepsInFlight { get; init; }

    /// <summary>Rows that keep a core busy: a step of fewer leaves room for others beside it.</summary>
    public int RowsPerCore { get; init; } = 64;
}

/// <summary>
/// Decides which runs take their steps now, and on how many lanes. Activations exist only in a step in flight, so this bounds memory whatever the number of runs; every other
/// run holds its values and moments. Turns are given by start-time fair queueing in tokens, weighted by the runs' shares.
/// </summary>
/// <param name="lanes">Where steps run.</param>
/// <param name="options">Settings.</param>
/// <param name="time">Clock.</param>
public sealed class StepScheduler(ComputeLanePool lanes, StepSchedulerOptions? options = null, TimeProvider? time = null) : IDisposable
{
    // More large steps at once would only hold more activations.
    private const int MostCores = 8;

    // A run that trains comes back within this time for its next step. While it is expected, runs with a smaller share do not use its absence.
    private static readonly TimeSpan Return = TimeSpan.FromMilliseconds(250);

    // A run whose turn would be next again is waited for this long, or a run of small steps could never have two turns between two of a run of large ones.
    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(10);

    private readonly StepSchedulerOptions _options = options ?? new StepSchedulerOptions();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly FairClock _fair = new();
    private readonly Lock _gate = new();
    private readonly List<Waiter> _waiting = [];
    private readonly Dictionary<string, Account> _accounts = new(StringComparer.Ordinal);
    private ITimer? _recheck;
    private int _inFlight;
    private double _load;
    private long _bytes;

    /// <summary>Most large steps in flight: those that fill a core each.</summary>
    public int Capacity { get; } = (options?.StepsInFlight ?? 0) > 0 ? options!.StepsInFlight : Math.Clamp(Environment.ProcessorCount, 1, MostCores);

    /// <summary>Bytes that all steps in flight may hold together at this moment; null = no limit. A step that is larger runs alone. Must be quick.</summary>
    public Func<long>? Room { get; set; }

    /// <summary>Steps in flight now.</summary>
    public int InFlight
    {
        get
        {
            lock (_gate) return _inFlight;
        }
    }

    /// <summary>Steps that wait for their turn.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate) return _waiting.Count;
        }
    }

    /// <summary>How many steps like this one may be in flight, memory aside.</summary>
    public int MostInFlight(StepDemand demand)
    {
        ArgumentNullException.ThrowIfNull(demand);
        return Math.Max(1, (int)(Capacity / LoadOf(demand) + 1e-9));
    }

    /// <summary>Waits for its turn, then takes a step on a lane.</summary>
    /// <param name="demand">What it asks for.</param>
    /// <param name="step">The step, synchronous.</param>
    /// <param name="ct">Cancels the wait for the turn; a step that runs must watch a token of its own.</param>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    public async Task<T> RunAsync<T>(StepDemand demand, Func<T> step, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(demand);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(demand.Share);
        var waiter = Enter(demand);
        using (ct.Register(() => GiveUp(waiter, ct))) await waiter.Turn.Task.ConfigureAwait(false);
        try
        {
            return await lanes.RunAsync(LanePriority.Training, step, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            Leave(waiter);
        }
    }

    /// <summary>Forgets a run that takes no more steps for now, after the one in flight: nobody waits for it to come back.</summary>
    public void Forget(string owner)
    {
        lock (_gate)
        {
            if (_accounts.TryGetValue(owner, out var account))
            {
                account.IsForgotten = true;
                Tidy(owner, account);
            }
            Admit();
        }
    }

    /// <summary>Gives no turns any more; nobody may wait.</summary>
    public void Dispose() => _recheck?.Dispose();

    private Waiter Enter(StepDemand demand)
    {
        lock (_gate)
        {
            if (!_accounts.TryGetValue(demand.Owner, out var account)) _accounts[demand.Owner] = account = new Account();
            account.Share = demand.Share;
            account.IsForgotten = false;
            account.Active++;
            account.Load = LoadOf(demand);
            var waiter = new Waiter(demand, account, _fair.Enter(account.Had), account.Load);
            _waiting.Add(waiter);
            Admit();
            return waiter;
        }
    }

    private void GiveUp(Waiter waiter, CancellationToken ct)
    {
        lock (_gate)
        {
            if (!_waiting.Remove(waiter)) return;
            waiter.Account.Active--;
            Tidy(waiter.Demand.Owner, waiter.Account);
            waiter.Turn.SetCanceled(ct);
            Admit();
        }
    }

    private void Leave(Waiter waiter)
    {
        lock (_gate)
        {
            _inFlight--;
            // The last one takes rounding errors with it.
            (_load, _bytes) = _inFlight == 0 ? (0, 0) : (_load - waiter.Load, _bytes - waiter.Demand.Bytes);
            waiter.Account.Active--;
            waiter.Account.LeftAt = _time.GetTimestamp();
            Tidy(waiter.Demand.Owner, waiter.Account);
            Admit();
        }
    }

    private void Tidy(string owner, Account account)
    {
        if (account is { Active: 0, IsForgotten: true }) _accounts.Remove(owner);
    }

    // Strictly in the order of their accounts: whoever is next but does not fit yet lets nobody slip by, or large steps would starve.
    private void Admit()
    {
        bool held = false;
        while (true)
        {
            Waiter? next = null;
            foreach (var waiter in _waiting)
            {
                if (next is not null && waiter.Entered >= next.Entered) continue;
                if (IsHeldBack(waiter)) held = true;
                else next = waiter;
            }
            if (next is null || !Fits(next)) break;
            _waiting.Remove(next);
            _inFlight++;
            _load += next.Load;
            _bytes += next.Demand.Bytes;
            next.Account.Had = _fair.Serve(next.Entered, next.Demand.Tokens, next.Demand.Share);
            next.Turn.SetResult();
        }
        if (held) (_recheck ??= _time.CreateTimer(_ => Recheck(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan)).Change(Brief, Timeout.InfiniteTimeSpan);
    }

    private void Recheck()
    {
        lock (_gate) Admit();
    }

    private bool Fits(Waiter waiter) =>
        _inFlight == 0
        || (_load + waiter.Load <= Capacity + 1e-9 && (Room is not { } room || _bytes + waiter.Demand.Bytes <= room()));

    // With lanes to spare everybody trains, whatever it has had: a fast run need not wait for a slow one. Only who has a smaller share than another that trains, and is ahead of it,
    // leaves the machine to it.
    private bool IsHeldBack(Waiter waiter)
    {
        foreach (var other in _accounts.Values)
        {
            if (other == waiter.Account || other.Had >= waiter.Entered) continue;
            bool yields = other.Share > waiter.Account.Share;
            if (yields && other.Active > 0) return true;
            if (other.Active > 0 || other.LeftAt is not { } left || (!yields && _load + waiter.Load + other.Load <= Capacity)) continue;
            if (_time.GetElapsedTime(left) < (yields ? Return : Brief)) return true;
        }
        return false;
    }

    private double LoadOf(StepDemand demand) =>
        _options.StepsInFlight > 0 ? 1 : Math.Clamp((double)demand.Rows / _options.RowsPerCore, (double)Capacity / ComputeLanePool.MostTrainingLanes, 1);

    private sealed class Waiter(StepDemand demand, Account account, double entered, double load)
    {
        public StepDemand Demand => demand;

        public Account Account => account;

        /// <summary>Its account when it came.</summary>
        public double Entered => entered;

        /// <summary>Cores that it fills, at most 1.</summary>
        public double Load => load;

        public TaskCompletionSource Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Account
    {
        /// <summary>Tokens by share.</summary>
        public double Had { get; set; }

        public double Share { get; set; } = 1;

        /// <summary>Load of its last step.</summary>
        public double Load { get; set; }

        /// <summary>Its steps that wait or are in flight.</summary>
        public int Active { get; set; }

        /// <summary>Whether it goes with its last step.</summary>
        public bool IsForgotten { get; set; }

        /// <summary>Time stamp of the end of its last step.</summary>
        public long? LeftAt { get; set; }
    }
}

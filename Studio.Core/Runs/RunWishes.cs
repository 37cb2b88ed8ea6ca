namespace Studio.Core.Runs;

/// <summary>What a run is asked to do from its next step boundary on.</summary>
internal enum RunWish
{
    /// <summary>Take steps.</summary>
    Run,

    /// <summary>Hold.</summary>
    Pause,

    /// <summary>End.</summary>
    Stop,

    /// <summary>End, because the studio closes.</summary>
    Close,
}

/// <summary>The latest wish of a run's owner, and a token by which the run's task notices a new one while it waits.</summary>
internal sealed class RunWishes : IDisposable
{
    private readonly Lock _gate = new();
    private CancellationTokenSource _changed = new();

    /// <summary>The wish in force and a token that is cancelled when another one comes.</summary>
    public (RunWish Wish, string Reason, CancellationToken Changed) Current
    {
        get
        {
            lock (_gate) return (_wish, _reason, _changed.Token);
        }
    }

    private RunWish _wish;
    private string _reason = "";

    /// <summary>Makes a wish. Ending cannot be taken back.</summary>
    /// <param name="wish">What is wanted.</param>
    /// <param name="reason">Why, for the record.</param>
    public void Make(RunWish wish, string reason = "")
    {
        CancellationTokenSource before;
        lock (_gate)
        {
            if (_wish == wish || _wish >= RunWish.Stop) return;
            (_wish, _reason) = (wish, reason);
            (before, _changed) = (_changed, new CancellationTokenSource());
        }
        // Outside the lock: waiting code continues from here.
        before.Cancel();
        before.Dispose();
    }

    /// <summary>Frees the token's source.</summary>
    public void Dispose() => _changed.Dispose();
}

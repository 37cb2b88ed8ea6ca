namespace Studio.Core.Runs;

/// <summary>What a run is asked to do from its next step boundary on, or at once.</summary>
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

/// <summary>
/// The latest wish of a run's owner, a token by which the run's task notices a new one while it waits, and one by which a step in flight notices that the wish
/// does not wait for it.
/// </summary>
internal sealed class RunWishes : IDisposable
{
    private readonly Lock _gate = new();
    private CancellationTokenSource _changed = new();
    private CancellationTokenSource _abandoned = new();

    /// <summary>The wish in force, a token that is cancelled when another one comes, and one that is cancelled when another one comes that holds at once.</summary>
    public (RunWish Wish, string Reason, CancellationToken Changed, CancellationToken Abandoned) Current
    {
        get
        {
            lock (_gate) return (_wish, _reason, _changed.Token, _abandoned.Token);
        }
    }

    private RunWish _wish;
    private string _reason = "";

    /// <summary>Makes a wish. Ending cannot be taken back.</summary>
    /// <param name="wish">What is wanted.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="now">Whether the step in flight is abandoned for it; also where the wish itself is made already.</param>
    public void Make(RunWish wish, string reason = "", bool now = false)
    {
        CancellationTokenSource? changed = null, abandoned = null;
        lock (_gate)
        {
            if (_wish >= RunWish.Stop || (_wish == wish && !now)) return;
            if (_wish != wish)
            {
                (_wish, _reason) = (wish, reason);
                (changed, _changed) = (_changed, new CancellationTokenSource());
            }
            if (now) (abandoned, _abandoned) = (_abandoned, new CancellationTokenSource());
        }
        // Outside the lock: waiting code continues from here. First the wish, so that who was abandoned finds it.
        Cancel(changed);
        Cancel(abandoned);
    }

    /// <summary>Frees the tokens' sources.</summary>
    public void Dispose()
    {
        _changed.Dispose();
        _abandoned.Dispose();
    }

    private static void Cancel(CancellationTokenSource? source)
    {
        source?.Cancel();
        source?.Dispose();
    }
}

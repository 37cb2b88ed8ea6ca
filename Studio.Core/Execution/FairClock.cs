namespace Studio.Core.Execution;

/// <summary>
/// Start-time fair queueing. Everybody who shares something has an account: what it has had so far, divided by its share. The smallest account goes first, so in
/// the long run each gets in proportion to its share, whatever the sizes of its turns. Who was away does not save up: its account begins at what is served now. Thread-safe.
/// </summary>
public sealed class FairClock
{
    private readonly Lock _gate = new();
    private double _now;

    /// <summary>The account with which a turn queues.</summary>
    /// <param name="account">The account after the last turn; 0 for a newcomer.</param>
    public double Enter(double account)
    {
        lock (_gate) return Math.Max(account, _now);
    }

    /// <summary>Serves a turn.</summary>
    /// <param name="entered">The account with which it queued.</param>
    /// <param name="cost">What it takes, e.g. tokens.</param>
    /// <param name="share">Its owner's share, more than 0.</param>
    /// <returns>The account after it.</returns>
    public double Serve(double entered, double cost, double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        lock (_gate) _now = Math.Max(_now, entered);
        return entered + cost / share;
    }
}

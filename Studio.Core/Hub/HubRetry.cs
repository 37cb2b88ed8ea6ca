namespace Studio.Core.Hub;

/// <summary>Decides whether and when something is tried again: pauses that double, or what the server asks for; an end after several failures without progress.</summary>
/// <param name="firstPause">Pause after the first failure.</param>
/// <param name="pause">Waits.</param>
internal sealed class HubRetry(TimeSpan firstPause, Func<TimeSpan, CancellationToken, Task> pause)
{
    /// <summary>Attempts in a row that bring nothing.</summary>
    public const int Attempts = 6;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestWish = TimeSpan.FromMinutes(10);

    private int _failures;

    /// <summary>Something arrived: what failed before no longer counts.</summary>
    public void Progressed() => _failures = 0;

    /// <summary>Waits until the next attempt.</summary>
    /// <exception cref="HubException">It has failed too often, or the server asks for too long a pause.</exception>
    public async Task WaitAsync(HubTransientException failure, CancellationToken ct)
    {
        if (++_failures >= Attempts) throw new HubException(HubFailure.Unreachable, $"{failure.Message} Tried {_failures} times; try again later.", failure);
        if (failure.Wait > LongestWish) throw new HubException(HubFailure.Unreachable, $"{failure.Message} It asks to wait {failure.Wait.Value.TotalMinutes:0} minutes; try again then.", failure);
        var doubled = TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, firstPause.Ticks << (_failures - 1)));
        await pause(failure.Wait is { } wish && wish > doubled ? wish : doubled, ct).ConfigureAwait(false);
    }

    /// <summary>Does something until it goes well.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> work, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (HubTransientException failure)
            {
                await WaitAsync(failure, ct).ConfigureAwait(false);
            }
        }
    }
}

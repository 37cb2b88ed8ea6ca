namespace Studio.Bench.Limits;

/// <summary>Does something every 20 ms, and once at the beginning, on a thread of its own until it is disposed; what it throws, disposing throws.</summary>
internal sealed class Sampler : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    private readonly ManualResetEventSlim _stop = new();
    private readonly Task _loop;

    /// <summary>Begins.</summary>
    public Sampler(Action sample) => _loop = Task.Factory.StartNew(() =>
    {
        do sample();
        while (!_stop.Wait(Period));
    }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Ends after the sample that is being taken.</summary>
    public void Dispose()
    {
        _stop.Set();
        _loop.GetAwaiter().GetResult();
        _stop.Dispose();
    }
}

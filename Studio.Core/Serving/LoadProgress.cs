namespace Studio.Core.Serving;

/// <summary>A load on its way: takes its progress on the loading thread, tells of every whole percent, and can be given up from outside.</summary>
internal sealed class LoadProgress(ModelLoading model, Action changed, CancellationToken ct) : IProgress<double>, IDisposable
{
    private readonly CancellationTokenSource _ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
    private volatile ModelLoading _state = model;
    private volatile bool _givenUp;

    public ModelLoading State => _state;

    /// <summary>Ends with the caller or when the load is given up.</summary>
    public CancellationToken Ending => _ending.Token;

    /// <summary>Whether somebody gave it up.</summary>
    public bool IsGivenUp => _givenUp;

    public void Report(double value)
    {
        bool isNews = (int)(value * 100) != (int)(_state.Progress * 100);
        _state = _state with { Progress = value };
        if (isNews) changed();
    }

    public void GiveUp()
    {
        _givenUp = true;
        try
        {
            _ending.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended meanwhile.
        }
    }

    public void Dispose() => _ending.Dispose();
}

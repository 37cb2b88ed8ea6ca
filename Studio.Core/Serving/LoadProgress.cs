namespace Studio.Core.Serving;

/// <summary>Takes the progress of a load on the loading thread and tells of every whole percent.</summary>
internal sealed class LoadProgress(ModelLoading model, Action changed) : IProgress<double>
{
    private volatile ModelLoading _state = model;

    public ModelLoading State => _state;

    public void Report(double value)
    {
        bool isNews = (int)(value * 100) != (int)(_state.Progress * 100);
        _state = _state with { Progress = value };
        if (isNews) changed();
    }
}

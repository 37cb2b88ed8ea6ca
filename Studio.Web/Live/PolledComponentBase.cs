using Microsoft.AspNetCore.Components;

namespace Studio.Web.Live;

/// <summary>A live component whose state is read for the first render and again at every interval.</summary>
public abstract class PolledComponentBase : LiveComponentBase
{
    [Inject] public required TimeProvider Clock { get; init; }

    /// <summary>Time between two readings.</summary>
    protected abstract TimeSpan Interval { get; }

    protected override void OnInitialized()
    {
        Watch(LiveSources.Every(Clock, Interval));
        Read();
    }

    protected override Task OnSignalAsync()
    {
        Read();
        return Task.CompletedTask;
    }

    /// <summary>Reads what is shown.</summary>
    protected abstract void Read();
}

namespace Studio.Core.Generation;

/// <summary>Holds the adapters of some sessions for reading; disposed on the thread that made it.</summary>
internal sealed class AdapterHolds : IDisposable
{
    private readonly List<IDisposable> _holds = [];

    public AdapterHolds(IEnumerable<GenerationSession> sessions)
    {
        foreach (var adapter in sessions.SelectMany(session => session.Adapter?.Held ?? []).Distinct()) _holds.Add(adapter.Read());
    }

    public void Dispose()
    {
        foreach (var hold in _holds) hold.Dispose();
    }
}

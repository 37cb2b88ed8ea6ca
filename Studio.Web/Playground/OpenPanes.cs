using System.Collections.Concurrent;

namespace Studio.Web.Playground;

/// <summary>Which adapters the open playgrounds show, so that whoever deletes one learns that somebody has it before them.</summary>
public sealed class OpenPanes
{
    private readonly ConcurrentDictionary<object, IReadOnlyList<string>> _shown = new(ReferenceEqualityComparer.Instance);

    /// <summary>Says what a visitor's playground shows now.</summary>
    /// <param name="visitor">The visitor; any object of its own.</param>
    /// <param name="adapters">Adapter of each pane; null for the base.</param>
    public void Show(object visitor, IEnumerable<string?> adapters) => _shown[visitor] = [.. adapters.OfType<string>()];

    /// <summary>Says that a visitor left.</summary>
    public void Leave(object visitor) => _shown.TryRemove(visitor, out _);

    /// <summary>Number of panes that show an adapter.</summary>
    public int CountOf(string adapterId) => _shown.Values.Sum(adapters => adapters.Count(adapter => adapter == adapterId));
}

using Studio.Core.Serving;
using Studio.Web.FineTunes;

namespace Studio.Web.Monitoring;

/// <summary>Names of adapters by id, read again after a change only.</summary>
/// <param name="adapters">Adapters.</param>
public sealed class AdapterNames(IAdapterService adapters)
{
    private volatile IReadOnlyDictionary<string, string>? _names;

    /// <summary>The names at the last reading; none before the first.</summary>
    public IReadOnlyDictionary<string, string> Known { get; private set; } = new Dictionary<string, string>();

    /// <summary>Says that adapters have changed.</summary>
    public void Forget() => _names = null;

    /// <summary>Reads them if they are not known.</summary>
    public async Task ReadAsync()
    {
        if (_names is not null)
            return;
        try
        {
            _names = (await adapters.ListAsync()).ToDictionary(adapter => adapter.Id, adapter => adapter.Name, StringComparer.Ordinal);
        }
        catch (Exception exception) when (Refusal.Of(exception) is not null)
        {
            // Ids stand in for names; the figures do not depend on them.
            _names = new Dictionary<string, string>();
        }
        Known = _names;
    }
}

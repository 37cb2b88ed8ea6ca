using Studio.Core.Adapters;
using Studio.Core.Storage;

namespace Studio.Core.Serving;

/// <summary>The files of an adapter that came in and belong to no base model yet. Disposing it removes what was copied.</summary>
public sealed class StagedAdapter : IDisposable
{
    private readonly string? _owned;

    internal StagedAdapter(string name, string folder, string? owned, AdapterSpec spec, string baseModel, long bytes)
    {
        Name = name;
        Folder = folder;
        Spec = spec;
        BaseModel = baseModel;
        Bytes = bytes;
        _owned = owned;
    }

    /// <summary>Name of the zip or the folder.</summary>
    public string Name { get; }

    /// <summary>Its settings.</summary>
    public AdapterSpec Spec { get; }

    /// <summary>What it says of its base model: a name on the Hub or a path; empty where it says nothing.</summary>
    public string BaseModel { get; }

    /// <summary>Size of its tensors' file.</summary>
    public long Bytes { get; }

    /// <summary>A name for people, made from that of the package.</summary>
    public string SuggestedName => Name == AdapterPackage.ChosenFiles ? $"{AdapterMethods.Named(Spec.Method).Title} adapter" : Name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) ? Name[..^4] : Name;

    /// <summary>Where its files lie.</summary>
    internal string Folder { get; }

    /// <summary>The loaded model that it says it belongs to: of the same Hub name, the same folder, or the same last part of the name; null when none is.</summary>
    public LoadedModelInfo? BaseAmong(IEnumerable<LoadedModelInfo> loaded)
    {
        ArgumentNullException.ThrowIfNull(loaded);
        if (BaseModel.Length == 0) return null;
        var known = loaded.ToList();
        return known.Find(model => Same(model.Record.HubId, BaseModel) || Same(model.Record.Folder, BaseModel) || Same(model.Record.Name, BaseModel))
            ?? known.Find(model => Same(Last(model.Record.Name), Last(BaseModel)) || Same(Last(model.Record.Folder), Last(BaseModel)));
    }

    /// <summary>Removes the copy of its files.</summary>
    public void Dispose()
    {
        if (_owned is not null) AtomicDirectory.Delete(_owned);
    }

    private static bool Same(string? one, string other) => string.Equals(one?.TrimEnd('/', '\\'), other.TrimEnd('/', '\\'), StringComparison.OrdinalIgnoreCase);

    private static string Last(string name) => name.TrimEnd('/', '\\').Split('/', '\\')[^1];
}

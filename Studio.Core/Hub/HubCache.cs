namespace Studio.Core.Hub;

/// <summary>A model in the local cache of the Hugging Face libraries.</summary>
/// <param name="Id">Id on the Hub.</param>
/// <param name="Commit">Its revision.</param>
/// <param name="Refs">Branches and tags that point to it, such as main.</param>
/// <param name="Folder">Folder of its files.</param>
/// <param name="Bytes">Size of its safetensors files.</param>
/// <param name="Problem">Why it cannot be loaded; null = nothing speaks against it.</param>
public sealed record CachedModel(string Id, string Commit, IReadOnlyList<string> Refs, string Folder, long Bytes, string? Problem);

/// <summary>
/// The local cache of the Hugging Face libraries: <c>models--owner--name/snapshots/commit/</c> holds links to <c>blobs/</c>, <c>refs/</c> holds the commit
/// of each branch. It is only read; models are loaded from where they lie.
/// </summary>
public static class HubCache
{
    private const string Prefix = "models--";

    /// <summary>All models of a cache, by id; an absent cache has none.</summary>
    /// <param name="cacheFolder">The cache, or null.</param>
    public static IReadOnlyList<CachedModel> List(string? cacheFolder)
    {
        if (cacheFolder is null || !Directory.Exists(cacheFolder)) return [];
        try
        {
            return [.. Directory.EnumerateDirectories(cacheFolder, Prefix + "*").SelectMany(Snapshots).OrderBy(model => model.Id, StringComparer.OrdinalIgnoreCase).ThenBy(model => model.Commit, StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StudioException($"The cache {cacheFolder} cannot be read: {error.Message}", inner: error);
        }
    }

    /// <summary>Recognises the folder of a snapshot by its place.</summary>
    public static (string Id, string Commit)? Identify(string folder)
    {
        var place = new DirectoryInfo(Path.TrimEndingDirectorySeparator(folder));
        return place.Parent is { Name: "snapshots", Parent: { } repo } && IdOf(repo.Name) is { } id ? (id, place.Name) : null;
    }

    private static IEnumerable<CachedModel> Snapshots(string repoFolder)
    {
        string snapshots = Path.Combine(repoFolder, "snapshots");
        if (IdOf(Path.GetFileName(repoFolder)) is not { } id || !Directory.Exists(snapshots)) return [];
        var refs = Refs(Path.Combine(repoFolder, "refs")).ToLookup(entry => entry.Commit, entry => entry.Name, StringComparer.Ordinal);
        return Directory.EnumerateDirectories(snapshots).Select(folder =>
        {
            string commit = Path.GetFileName(folder);
            return new CachedModel(id, commit, [.. refs[commit].Order(StringComparer.Ordinal)], folder, WeightBytes(folder), Problem(folder));
        });
    }

    private static string? IdOf(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && name[Prefix.Length..].Replace("--", "/", StringComparison.Ordinal) is { Length: > 0 } id ? id : null;

    private static IEnumerable<(string Name, string Commit)> Refs(string folder) => !Directory.Exists(folder) ? [] :
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => new FileInfo(file).Length <= 256)
            .Select(file => (Path.GetRelativePath(folder, file).Replace('\\', '/'), File.ReadAllText(file).Trim()));

    private static long WeightBytes(string folder) => Directory.EnumerateFiles(folder, "*.safetensors").Sum(file => Target(file) is { Exists: true } target ? target.Length : 0);

    private static string? Problem(string folder)
    {
        if (!IsThere(folder, "config.json")) return "It has no config.json.";
        if (!IsThere(folder, ModelFiles.Weights) && !IsThere(folder, ModelFiles.Index))
            return Directory.EnumerateFiles(folder, "*.bin").Any() ? "It has only pickle weights, which the studio never opens." : "Its weights are not in the cache.";
        // A download of the other tools that is not finished leaves links to nothing, or shards that are not there yet.
        return Directory.EnumerateFiles(folder, "*.safetensors").Any(file => Target(file) is not { Exists: true }) ? "Its download is not finished." : null;
    }

    private static bool IsThere(string folder, string name) => Path.Combine(folder, name) is var file && File.Exists(file) && Target(file) is { Exists: true };

    private static FileInfo? Target(string file)
    {
        var info = new FileInfo(file);
        return info.LinkTarget is null ? info : info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
    }
}

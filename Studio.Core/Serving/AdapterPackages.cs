using System.IO.Compression;
using Studio.Core.Adapters;

namespace Studio.Core.Serving;

/// <summary>A folder of this machine.</summary>
internal sealed class AdapterFolder(string path) : AdapterPackage(System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(path)))
{
    internal override Task<string> BringAsync(string target, AdapterPackageLimits limits, CancellationToken ct)
    {
        if (!Path.IsPathFullyQualified(path)) throw new StudioException($"The folder is '{path}'; expected the absolute path of an adapter folder on the studio's machine.");
        if (!Directory.Exists(path)) throw new StudioException($"The folder '{path}' does not exist.");
        RequireFiles([.. Directory.EnumerateFiles(path).Select(file => Path.GetFileName(file))]);
        return Task.FromResult(path);
    }
}

/// <summary>Files that a browser gives one by one.</summary>
internal sealed class LooseAdapterFiles(string name, IReadOnlyList<PackagedFile> files) : AdapterPackage(name)
{
    internal override async Task<string> BringAsync(string target, AdapterPackageLimits limits, CancellationToken ct)
    {
        var named = files.Select(file => (File: file, Name: Path.GetFileName(file.Name.Replace('\\', '/')))).ToList();
        RequireFiles([.. named.Select(file => file.Name)]);
        if (named.Where(file => IsKept(file.Name)).GroupBy(file => file.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new StudioException($"'{Name}' has {twice.Count()} files called {twice.Key}; expected the folder of one adapter.");
        long left = limits.Bytes;
        foreach (var (file, fileName) in named.Where(file => IsKept(file.Name)))
        {
            await using var content = file.Open(ct);
            left = await CopyAsync(content, fileName, target, left, limits, ct).ConfigureAwait(false);
        }
        return target;
    }
}

/// <summary>A zip.</summary>
internal sealed class ZippedAdapter(string name, Stream content) : AdapterPackage(name)
{
    private const string PackedFile = "package.zip";
    private const string MoreTemplates = "additional_chat_templates/";

    internal override async Task<string> BringAsync(string target, AdapterPackageLimits limits, CancellationToken ct)
    {
        string packed = Path.Combine(target, PackedFile), unpacked = Path.Combine(target, "files");
        Directory.CreateDirectory(unpacked);
        try
        {
            // A zip's list of contents is at its end, and a request's body cannot be read backwards.
            await CopyAsync(content, PackedFile, target, limits.Bytes, limits with { SmallFileBytes = long.MaxValue }, ct).ConfigureAwait(false);
            await using var zip = await ZipFile.OpenReadAsync(packed, ct).ConfigureAwait(false);
            await UnpackAsync(zip, unpacked, limits, ct).ConfigureAwait(false);
        }
        catch (InvalidDataException error)
        {
            throw new StudioException($"'{Name}' cannot be read as a zip: {error.Message}", inner: error);
        }
        finally
        {
            File.Delete(packed);
        }
        return unpacked;
    }

    private async Task UnpackAsync(ZipArchive zip, string folder, AdapterPackageLimits limits, CancellationToken ct)
    {
        if (zip.Entries.Count > limits.Entries) throw new StudioException($"'{Name}' has {zip.Entries.Count} entries; expected at most {limits.Entries}.");
        var entries = zip.Entries.Where(entry => !entry.FullName.EndsWith('/') && !entry.FullName.EndsWith('\\'))
            .Select(entry => (Entry: entry, Path: Sound(entry.FullName))).Where(entry => !entry.Path.StartsWith("__MACOSX/", StringComparison.Ordinal)).ToList();
        string root = RootOf([.. entries.Select(entry => entry.Path)]);
        var inside = entries.Where(entry => entry.Path.StartsWith(root, StringComparison.Ordinal)).Select(entry => (entry.Entry, Path: entry.Path[root.Length..])).ToList();
        RequireFiles([.. inside.Select(entry => entry.Path)]);
        long left = limits.Bytes;
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (entry, path) in inside.Where(entry => IsKept(entry.Path) || IsTemplate(entry.Path)))
        {
            if (!taken.Add(path)) throw new StudioException($"'{Name}' has two files called {path}; expected one.");
            await using var unpacking = await entry.OpenAsync(ct).ConfigureAwait(false);
            left = await CopyAsync(unpacking, path, folder, left, limits, ct).ConfigureAwait(false);
        }
    }

    // Only names that are known are written, so no entry can lead out; one that tries is no accident, and nothing of its zip is trusted.
    private string Sound(string entry)
    {
        string path = entry.Replace('\\', '/');
        return path.StartsWith('/') || path.Contains(':', StringComparison.Ordinal) || path.Split('/').Contains("..")
            ? throw new StudioException($"'{Name}' was refused: its entry '{Excerpt.Of(entry)}' leads out of the zip.")
            : path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
    }

    private string RootOf(IReadOnlyList<string> paths)
    {
        var roots = paths.Where(path => path == PeftFormat.ConfigFile || path.EndsWith("/" + PeftFormat.ConfigFile, StringComparison.Ordinal))
            .Select(path => path[..^PeftFormat.ConfigFile.Length]).GroupBy(root => root.Count(letter => letter == '/')).MinBy(group => group.Key)?.ToList() ?? [""];
        return roots.Count == 1 ? roots[0]
            : throw new StudioException($"'{Name}' holds {roots.Count} adapters; expected one.", [.. roots.Select(root => root.TrimEnd('/'))]);
    }

    private static bool IsTemplate(string path) => path.StartsWith(MoreTemplates, StringComparison.Ordinal) && path.EndsWith(".jinja", StringComparison.Ordinal)
        && !path.AsSpan(MoreTemplates.Length).Contains('/');
}

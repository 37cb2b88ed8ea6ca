using Studio.Core.Adapters;

namespace Studio.Core.Serving;

/// <summary>One file of a package.</summary>
/// <param name="Name">Its name; a path before it counts for nothing.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Open">Opens it to read once.</param>
public sealed record PackagedFile(string Name, long Bytes, Func<CancellationToken, Stream> Open);

/// <summary>How large a package may be.</summary>
public sealed record AdapterPackageLimits
{
    /// <summary>Bytes of all files that are kept, unpacked. Default: 4 GiB.</summary>
    public long Bytes { get; init; } = 4L << 30;

    /// <summary>Bytes of each file but the tensors'. Default: 64 MiB.</summary>
    public long SmallFileBytes { get; init; } = 64L << 20;

    /// <summary>Entries of a zip. Default: 4096.</summary>
    public int Entries { get; init; } = 4096;
}

/// <summary>The files of an adapter on their way in: a zip, a folder of this machine, or files from a browser. Only the files that an adapter consists of are taken.</summary>
public abstract class AdapterPackage
{
    /// <summary>Name of files whose folder has none, because a browser does not tell it.</summary>
    public const string ChosenFiles = "chosen files";

    private static readonly string[] Small =
    [
        PeftFormat.ConfigFile, "chat_template.jinja", "chat_template.json", "tokenizer_config.json", "special_tokens_map.json", "generation_config.json",
    ];

    private protected AdapterPackage(string name) => Name = name;

    /// <summary>Name for people: of the zip or the folder.</summary>
    public string Name { get; }

    /// <summary>A zip; the adapter may lie in a folder of it.</summary>
    /// <param name="name">Its file name.</param>
    /// <param name="content">Its bytes, read once.</param>
    public static AdapterPackage Zip(string name, Stream content) => new ZippedAdapter(name, content);

    /// <summary>A folder of this machine, read where it lies.</summary>
    /// <param name="path">Its absolute path.</param>
    public static AdapterPackage Folder(string path) => new AdapterFolder(path);

    /// <summary>Files of one folder.</summary>
    /// <param name="name">Name of the folder.</param>
    /// <param name="files">Its files.</param>
    public static AdapterPackage Files(string name, IReadOnlyList<PackagedFile> files) => new LooseAdapterFiles(name, files);

    /// <summary>Whether an adapter's file is taken; everything else of a folder (optimizer states, model cards) is passed over.</summary>
    public static bool IsKept(string fileName) => IsTensors(fileName) || Small.Contains(fileName, StringComparer.Ordinal);

    /// <summary>Brings the adapter's files to a folder, or says in which they lie.</summary>
    /// <param name="target">An empty folder to fill.</param>
    /// <param name="limits">What is too large.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>The folder that holds them.</returns>
    internal abstract Task<string> BringAsync(string target, AdapterPackageLimits limits, CancellationToken ct);

    /// <summary>Whether a file holds tensors, which may be large.</summary>
    private protected static bool IsTensors(string fileName) => fileName is PeftFormat.WeightsFile or PeftFormat.ContinuationFile;

    /// <summary>Whether a file is a pickle.</summary>
    private protected static bool IsPickle(string fileName) => Path.GetExtension(fileName).ToLowerInvariant() is ".bin" or ".pt" or ".pth" or ".pkl" or ".ckpt";

    /// <summary>Refuses what holds pickled tensors, or none at all.</summary>
    /// <param name="fileNames">Names of the files that lie beside each other.</param>
    private protected void RequireFiles(IReadOnlyCollection<string> fileNames)
    {
        if (!fileNames.Contains(PeftFormat.ConfigFile))
            throw new StudioException($"'{Name}' is no adapter: it has no {PeftFormat.ConfigFile}. Expected the folder that PEFT's save_pretrained writes.");
        if (fileNames.Contains(PeftFormat.WeightsFile)) return;
        throw new StudioException(fileNames.FirstOrDefault(name => name.StartsWith("adapter_model", StringComparison.Ordinal) && IsPickle(name)) is { } pickle
            ? $"'{pickle}' of '{Name}' is a pickle file, which can run any code when it is opened; it was not opened. Save the adapter as {PeftFormat.WeightsFile}: load it with PEFT where you trust it, and call save_pretrained(folder, safe_serialization=True)."
            : $"'{Name}' has no {PeftFormat.WeightsFile}; expected it beside {PeftFormat.ConfigFile}.");
    }

    /// <summary>Copies a file, and refuses it as soon as it is larger than what is left.</summary>
    /// <returns>What is left after it.</returns>
    private protected async Task<long> CopyAsync(Stream source, string fileName, string folder, long left, AdapterPackageLimits limits, CancellationToken ct)
    {
        bool small = !IsTensors(fileName) && limits.SmallFileBytes < left;
        long allowed = small ? limits.SmallFileBytes : left, copied = 0;
        var buffer = new byte[1 << 17];
        string path = Path.Combine(folder, fileName);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        for (int read; (read = await source.ReadAsync(buffer, ct).ConfigureAwait(false)) > 0;)
        {
            copied += read;
            if (copied > allowed)
                throw new StudioException($"'{fileName}' of '{Name}' is too large; expected at most {(small ? limits.SmallFileBytes : limits.Bytes) >> 20} MiB{(small ? "" : " for all files")}.");
            await file.WriteAsync(buffer.AsMemory(0, read), ct).ConfigureAwait(false);
        }
        return left - copied;
    }
}

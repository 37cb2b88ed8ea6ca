namespace Studio.Core.Storage;

/// <summary>
/// The one folder where the studio keeps everything: <c>studio.db</c>, <c>adapters/&lt;id&gt;/</c>, <c>runs/&lt;id&gt;/checkpoints/&lt;step&gt;/</c>,
/// <c>datasets/&lt;id&gt;/</c>, <c>parked/</c>, <c>models/&lt;id&gt;/</c>, <c>downloads/&lt;id&gt;/</c> and <c>backups/</c>. Opening it creates the layout, proves that it can be written, takes it for this process
/// and repairs what an interrupted write left behind; disposing releases it.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    private readonly DirectoryLock directoryLock;

    /// <summary>Opens <paramref name="root"/>, creating it where needed.</summary>
    /// <exception cref="StorageException">The folder cannot be created or written, or another process holds it.</exception>
    public DataDirectory(string root)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(root);
        Root = Path.GetFullPath(root);
        CreateLayout();
        ProveWritable();
        directoryLock = DirectoryLock.Acquire(Root);
        try
        {
            Repairs = AtomicDirectory.CleanUp(Root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            directoryLock.Dispose();
            throw new StorageException($"The data directory {Root} holds leftovers of an interrupted write that cannot be removed: {e.Message}", e);
        }
    }

    /// <summary>
    /// Where the studio keeps its data unless told otherwise: <c>SymbiosisStudio</c> in the user's local application data
    /// (Windows <c>%LOCALAPPDATA%</c>, Linux <c>$XDG_DATA_HOME</c> or <c>~/.local/share</c>, macOS <c>~/Library/Application Support</c>).
    /// </summary>
    /// <exception cref="StorageException">The user has no such folder (no HOME).</exception>
    public static string DefaultLocation
    {
        get
        {
            var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            return local.Length > 0
                ? Path.Combine(local, "SymbiosisStudio")
                : throw new StorageException("This user has no local application data folder (is HOME set?). Name a data directory with Studio:DataDirectory.");
        }
    }

    /// <summary>Absolute path of the folder.</summary>
    public string Root { get; }

    /// <summary>What was repaired at opening, one sentence each; for the log.</summary>
    public IReadOnlyList<string> Repairs { get; }

    /// <summary>Path of the database file.</summary>
    public string DatabasePath => Path.Combine(Root, "studio.db");

    /// <summary>Folder of the database copies made before a migration.</summary>
    public string BackupsPath => Path.Combine(Root, "backups");

    /// <summary>Folder of all models that were downloaded.</summary>
    public string ModelsPath => Path.Combine(Root, "models");

    private string DownloadsPath => Path.Combine(Root, "downloads");

    private string AdaptersPath => Path.Combine(Root, "adapters");

    private string ParkedPath => Path.Combine(Root, "parked");

    private string RunsPath => Path.Combine(Root, "runs");

    /// <summary>Folder of all data sets.</summary>
    public string DatasetsPath => Path.Combine(Root, "datasets");

    /// <summary>Folder of an adapter's PEFT files; may not exist yet (write it with <see cref="AtomicDirectory"/>).</summary>
    public string AdapterPath(string adapterId) => Child(AdaptersPath, adapterId);

    /// <summary>Folder of a run; may not exist yet.</summary>
    public string RunPath(string runId) => Child(RunsPath, runId);

    /// <summary>Folder of a run's checkpoints; created on demand, since each checkpoint is written beside the others.</summary>
    public string CheckpointsPath(string runId) =>
        Directory.CreateDirectory(Path.Combine(RunPath(runId), "checkpoints")).FullName;

    /// <summary>Path of a new file for the state of an adapter in training, of use to this process alone: what a killed process leaves is removed at the next opening.</summary>
    public string NewStateFile() => TemporaryName.ForWriting(Path.Combine(ParkedPath, "state"));

    /// <summary>Folder of a data set's file; may not exist yet (write it with <see cref="AtomicDirectory"/>).</summary>
    public string DatasetPath(string datasetId) => Child(DatasetsPath, datasetId);

    /// <summary>Folder of a downloaded model; exists when it is complete.</summary>
    public string ModelPath(string modelId) => Child(ModelsPath, modelId);

    /// <summary>Folder of what a download has brought so far; may not exist.</summary>
    public string DownloadPath(string downloadId) => Child(DownloadsPath, downloadId);

    /// <summary>Releases the directory for other processes.</summary>
    public void Dispose() => directoryLock.Dispose();

    private static string Child(string parent, string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);

        // An id may come from a URL: it must never lead out of its folder, on any system, nor look like a temporary name.
        return id[0] != '.' && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? Path.Combine(parent, id)
            : throw new ArgumentException($"'{id}' is not an id: wanted letters, digits, '-', '_' and '.', not beginning with '.'.", nameof(id));
    }

    private void CreateLayout()
    {
        try
        {
            foreach (var folder in new[] { Root, AdaptersPath, RunsPath, DatasetsPath, ParkedPath, ModelsPath, DownloadsPath, BackupsPath })
            {
                Directory.CreateDirectory(folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Cannot create the data directory {Root}: {e.Message} Choose another one with Studio:DataDirectory.", e);
        }
    }

    private void ProveWritable()
    {
        var probe = TemporaryName.ForWriting(Path.Combine(Root, "probe"));
        try
        {
            using var stream = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            stream.WriteByte(0);
            stream.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Cannot write to the data directory {Root}: {e.Message} Free space or permissions there, or choose another one with Studio:DataDirectory.", e);
        }
    }
}

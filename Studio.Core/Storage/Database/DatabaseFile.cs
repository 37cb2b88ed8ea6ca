using System.Globalization;
using LiteDB;

namespace Studio.Core.Storage;

/// <summary>
/// The database file before anyone works with it: creation, check, migration, opening. None of these ever writes over
/// a file that it could not read.
/// </summary>
internal sealed class DatabaseFile(string path, string backupsPath)
{
    // LiteDB 5 pages; the first one carries this mark and the version of the format.
    private const int PageSize = 8192;
    private const int MarkOffset = 32;
    private const byte FormatVersion = 8;
    private static ReadOnlySpan<byte> Mark => "** This is a LiteDB file **"u8;

    /// <summary>Path of the file.</summary>
    public string FilePath => path;

    /// <summary>LiteDB's log of writes that are not yet merged into the file.</summary>
    private string LogPath => Path.Combine(Path.GetDirectoryName(path)!, Path.GetFileNameWithoutExtension(path) + "-log" + Path.GetExtension(path));

    /// <summary>Creates the file if there is none, checks it, and brings it to the version of <paramref name="schema"/>.</summary>
    /// <exception cref="StorageException">The file is damaged, newer than the schema, or a migration failed. It was left as it is.</exception>
    public void Prepare(StudioSchema schema)
    {
        if (!File.Exists(path))
        {
            Create(schema);
            return;
        }

        CheckForm();
        int version;
        using (var database = Open())
        {
            version = Guard(() => StudioSchema.ReadVersion(database));
            var steps = schema.PathFrom(version, path);
            if (steps.Count == 0)
            {
                return;
            }

            // The copies below must not miss what still lies in the log.
            Guard(database.Checkpoint);
        }

        Migrate(schema, version);
    }

    /// <summary>Opens the file.</summary>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public LiteDatabase Open() => Guard(() => Open(path));

    /// <summary>The error for a file whose content makes no sense.</summary>
    public StorageException Damaged(string detail, Exception? cause = null) => new(
        $"The database {path} cannot be read ({detail}). Nothing in it was overwritten. Move it and {Path.GetFileName(LogPath)} to a safe place, then put the newest copy from " +
        $"{backupsPath} in its place, or start without it: the studio then begins with an empty list, and adapters and data sets stay on the disk.",
        cause!);

    // Ids are compared as they are written: LiteDB's default ignores case and depends on the culture of the machine.
    private static LiteDatabase Open(string file) => new(
        new ConnectionString { Filename = file, Connection = ConnectionType.Direct, Collation = Collation.Binary, Upgrade = false, AutoRebuild = false },
        RecordMapper.Create());

    private void Create(StudioSchema schema)
    {
        if (File.Exists(LogPath))
        {
            throw Damaged($"it is missing, while its log {Path.GetFileName(LogPath)} is there");
        }

        Build(path, database => StudioSchema.WriteVersion(database, schema.Version));
    }

    private void Migrate(StudioSchema schema, int version)
    {
        Directory.CreateDirectory(backupsPath);
        var stamp = DateTime.UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var backup = Path.Combine(backupsPath, $"studio-v{version}-{stamp}-{StudioId.New()}.db");
        AtomicFile.Copy(path, backup);
        try
        {
            Build(path, database =>
            {
                foreach (var step in schema.PathFrom(version, path))
                {
                    step.Apply(database);
                    StudioSchema.WriteVersion(database, step.From + 1);
                }
            });
        }
        catch (Exception e)
        {
            throw new StorageException(
                $"The database {path} could not be migrated from schema version {version} to {schema.Version}: {e.Message} It was left as it is; a copy is at {backup}.", e);
        }
    }

    /// <summary>Works on a copy of <paramref name="target"/> (or on a new file) and puts it in its place when all went well.</summary>
    private static void Build(string target, Action<ILiteDatabase> work)
    {
        var temporary = TemporaryName.ForWriting(target);
        try
        {
            if (File.Exists(target))
            {
                File.Copy(target, temporary);
            }

            using (var database = Open(temporary))
            {
                work(database);
                database.Checkpoint();
            }

            DiskFlush.File(temporary);
            AtomicFile.Publish(temporary, target);
        }
        catch
        {
            AtomicFile.Discard(temporary);
            throw;
        }
    }

    private void CheckForm()
    {
        Span<byte> head = stackalloc byte[MarkOffset + Mark.Length + 1];
        long length;
        using (var stream = Guard(() => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite)))
        {
            length = stream.Length;
            if (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
            {
                throw Damaged($"found {length} bytes, wanted at least {PageSize}");
            }
        }

        if (!head[MarkOffset..^1].SequenceEqual(Mark) || head[^1] != FormatVersion)
        {
            throw Damaged("it does not begin as a LiteDB 5 file does");
        }

        // A process that dies while the log is merged may leave a part of a page; the log then still holds that page.
        if (length % PageSize != 0 && !(File.Exists(LogPath) && new FileInfo(LogPath).Length >= PageSize))
        {
            throw Damaged($"found {length} bytes, wanted a multiple of {PageSize}: its end is missing");
        }
    }

    private T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StorageException($"The database {path} cannot be opened: {e.Message}", e);
        }
        catch (IOException e) when (e is not StorageException)
        {
            throw new StorageException($"The database {path} cannot be opened: {e.Message}", e);
        }
        catch (Exception e) when (e is not StorageException)
        {
            throw Damaged(e.Message, e);
        }
    }

    private void Guard(Action write) => Guard(() =>
    {
        write();
        return true;
    });
}

namespace Studio.Core.Storage;

/// <summary>
/// Writes a whole folder so that its name always shows complete content: it is filled under a temporary name beside the target,
/// every file is flushed to the disk, and it is renamed into place. A folder that is there already is moved aside first and
/// removed last; should the process die in between, <see cref="CleanUp(string)"/> puts it back.
/// </summary>
public static class AtomicDirectory
{
    // Skips what this user may not read (lost+found), and nothing for being hidden: leftovers are.
    private static readonly EnumerationOptions Everything = new() { IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None };

    // Two writers of one target would otherwise see each other's half of the swap.
    private static readonly Lock SwapGate = new();

    /// <summary>Replaces the folder <paramref name="target"/> by what <paramref name="fill"/> puts into the folder it is given.</summary>
    /// <exception cref="IOException">The disk refused, for instance because it is full; the old folder is still there.</exception>
    public static void Write(string target, Action<string> fill)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        ArgumentNullException.ThrowIfNull(fill);
        var place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        var parent = Path.GetDirectoryName(place) ?? throw new ArgumentException($"{target} has no parent folder.", nameof(target));
        var temporary = TemporaryName.ForWriting(place);
        try
        {
            Directory.CreateDirectory(temporary);
            fill(temporary);
            DiskFlush.Tree(temporary);
            lock (SwapGate)
            {
                Swap(temporary, place, parent);
            }
        }
        catch
        {
            Discard(temporary);
            throw;
        }
    }

    /// <summary>Removes the folder <paramref name="target"/> (if it is there) so that its name never shows a part of its content.</summary>
    /// <exception cref="IOException">The disk refused; the folder is still there.</exception>
    public static void Delete(string target)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        var place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        var doomed = TemporaryName.ForWriting(place);
        lock (SwapGate)
        {
            if (!Directory.Exists(place))
            {
                return;
            }

            Directory.Move(place, doomed);
        }

        DiskFlush.Directory(Path.GetDirectoryName(place)!);
        Discard(doomed);
    }

    /// <summary>
    /// Repairs what a killed process left below <paramref name="root"/>: unfinished files and folders are removed; a folder that was moved
    /// aside returns if its successor never arrived, and is removed otherwise. Links are not followed.
    /// </summary>
    /// <returns>One sentence for each thing done, for the log.</returns>
    public static IReadOnlyList<string> CleanUp(string root)
    {
        var done = new List<string>();
        RepairBelow(new DirectoryInfo(root), done);
        return done;
    }

    private static void RepairBelow(DirectoryInfo folder, List<string> done)
    {
        foreach (var entry in folder.GetFileSystemInfos("*", Everything))
        {
            if (TemporaryName.TryParse(entry.FullName, out var target, out var kind))
            {
                done.Add(Repair(entry, target, kind));
            }
            else if (entry is DirectoryInfo { LinkTarget: null } child)
            {
                RepairBelow(child, done);
            }
        }
    }

    private static string Repair(FileSystemInfo entry, string target, LeftoverKind kind)
    {
        if (kind == LeftoverKind.Replaced && entry is DirectoryInfo replaced && !Path.Exists(target))
        {
            replaced.MoveTo(target);
            DiskFlush.Directory(Path.GetDirectoryName(target)!);
            return $"Restored {target}, whose replacement was interrupted.";
        }

        var name = entry.FullName;
        if (entry is DirectoryInfo { LinkTarget: null } folder)
        {
            folder.Delete(recursive: true);
        }
        else
        {
            entry.Delete();
        }

        return $"Removed {name}, left by an interrupted write.";
    }

    private static void Swap(string temporary, string place, string parent)
    {
        var replaced = TemporaryName.ForReplaced(place);
        var existed = Directory.Exists(place);
        if (existed)
        {
            Directory.Move(place, replaced);
        }

        try
        {
            Directory.Move(temporary, place);
        }
        catch when (existed)
        {
            Directory.Move(replaced, place);
            throw;
        }

        DiskFlush.Directory(parent);
        if (existed)
        {
            Discard(replaced);
        }
    }

    // What cannot be removed now (a file somebody holds open on Windows) is removed by CleanUp at the next start.
    private static void Discard(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}

using System.Globalization;

namespace Studio.Bench.Limits;

/// <summary>Control groups of Linux, version 2: where this process is, and where it may make one with a limit of memory.</summary>
internal static class ControlGroups
{
    private const string Controllers = "cgroup.subtree_control";

    private static int _made;

    /// <summary>Folders of the group of this process and of those above it, nearest first; none where there is no version 2.</summary>
    public static IEnumerable<string> Above()
    {
        if (!File.Exists("/proc/self/cgroup")) yield break;
        string? mount = File.ReadLines("/proc/self/mounts").Select(line => line.Split(' ')).FirstOrDefault(fields => fields[2] == "cgroup2")?[1];
        string? own = File.ReadLines("/proc/self/cgroup").FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal))?["0::".Length..];
        if (mount is null || own is null) yield break;
        for (string path = own.Trim('/'); ; path = Path.GetDirectoryName(path) ?? "")
        {
            yield return Path.Combine(mount, path);
            if (path.Length == 0) yield break;
        }
    }

    /// <summary>Makes a group with a limit under the first of these that hands the control of memory to its children and lets us.</summary>
    /// <param name="bytes">The limit; nothing is swapped out.</param>
    /// <param name="groups">Folders to try.</param>
    /// <returns>Its folder, or null.</returns>
    public static string? TryCreate(long bytes, IEnumerable<string> groups) => groups.Where(HandsOutMemory).Select(group => TryCreate(bytes, group)).FirstOrDefault(made => made is not null);

    private static bool HandsOutMemory(string group) =>
        File.Exists(Path.Combine(group, Controllers)) && File.ReadAllText(Path.Combine(group, Controllers)).Split((char[]?)null).Contains("memory");

    private static string? TryCreate(long bytes, string parent)
    {
        string folder = Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"studio-bench-{Environment.ProcessId}-{Interlocked.Increment(ref _made)}"));
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, "memory.max"), bytes.ToString(CultureInfo.InvariantCulture));
            File.WriteAllText(Path.Combine(folder, "memory.oom.group"), "1");
            // Absent where the kernel was built without swap.
            if (File.Exists(Path.Combine(folder, "memory.swap.max"))) File.WriteAllText(Path.Combine(folder, "memory.swap.max"), "0");
            return folder;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(folder)) Directory.Delete(folder);
            return null;
        }
    }
}

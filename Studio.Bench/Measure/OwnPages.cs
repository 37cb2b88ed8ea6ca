using System.Globalization;

namespace Studio.Bench.Measure;

/// <summary>Makes mapped weights this process's own, as those of a program that reads its weights into memory are: a private mapping copies a page that is written to.</summary>
internal static class OwnPages
{
    /// <summary>Writes to every page of the mapped checkpoints of a folder what it holds; afterwards the mappings are anonymous memory.</summary>
    /// <exception cref="PlatformNotSupportedException">Not on Linux, which alone tells where a file is mapped.</exception>
    public static unsafe void Take(string folder)
    {
        if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("Processes with a copy of the base each are measured on Linux only.");
        var paths = Directory.EnumerateFiles(folder, "*.safetensors").Select(RealPath).ToHashSet();
        foreach (string line in File.ReadAllLines("/proc/self/maps"))
        {
            // start-end rw-p offset device inode path
            string[] fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 6 || fields[1] != "rw-p" || !paths.Contains(fields[5])) continue;
            string[] ends = fields[0].Split('-');
            nuint end = nuint.Parse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            for (nuint page = nuint.Parse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture); page < end; page += (nuint)Environment.SystemPageSize)
            {
                byte* first = (byte*)page;
                Volatile.Write(ref *first, Volatile.Read(ref *first));
            }
        }
    }

    // As the kernel names the file: a download of the Hub's cache is a link to another name in another folder.
    private static string RealPath(string path)
    {
        using var file = File.OpenHandle(path);
        return new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.DangerousGetHandle()}")).LinkTarget!;
    }
}

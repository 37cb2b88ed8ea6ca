using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Studio.Core.Tensors;

/// <summary>Memory as the operating system and the GPU driver see it.</summary>
/// <param name="ResidentBytes">Resident set of this process, mapped files included.</param>
/// <param name="PrivateBytes">Anonymous (private) bytes of this process: what would not be shared with another process.</param>
/// <param name="PeakResidentBytes">Largest resident set so far.</param>
/// <param name="SystemBytes">Memory of the machine.</param>
/// <param name="Gpu">The first GPU, or null where there is none.</param>
public sealed record MemoryReading(long ResidentBytes, long PrivateBytes, long PeakResidentBytes, long SystemBytes, GpuMemoryReading? Gpu);

/// <summary>Memory of one process beside others that may map the same files.</summary>
/// <param name="ProportionalBytes">Proportional set size: pages that several processes map count by their share, so that sums over processes count nothing twice.</param>
/// <param name="PrivateBytes">Anonymous (private) bytes.</param>
public readonly record struct ProcessMemoryReading(long ProportionalBytes, long PrivateBytes)
{
    /// <summary>Both processes together.</summary>
    public static ProcessMemoryReading operator +(ProcessMemoryReading a, ProcessMemoryReading b) => new(a.ProportionalBytes + b.ProportionalBytes, a.PrivateBytes + b.PrivateBytes);
}

/// <summary>Memory of one GPU as NVML reports it, in bytes.</summary>
public sealed record GpuMemoryReading(string Name, long TotalBytes, long UsedBytes, long FreeBytes);

/// <summary>Reads memory of the process and, where an NVIDIA driver is installed, of the GPU.</summary>
public static partial class DeviceMemory
{
    /// <summary>One reading of everything, cheap enough for once a second.</summary>
    public static MemoryReading Read()
    {
        long system = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        using var process = Process.GetCurrentProcess();
        if (!OperatingSystem.IsLinux())
            return new MemoryReading(process.WorkingSet64, process.PrivateMemorySize64, process.PeakWorkingSet64, system, ReadGpu());
        var status = StatusFields("/proc/self/status", "VmRSS:", "RssAnon:", "VmHWM:");
        return new MemoryReading(status[0], status[1], status[2], system, ReadGpu());
    }

    /// <summary>Private bytes of this process alone, as <see cref="MemoryReading.PrivateBytes"/>.</summary>
    public static long ReadPrivateBytes()
    {
        if (OperatingSystem.IsLinux()) return StatusFields("/proc/self/status", "RssAnon:")[0];
        using var process = Process.GetCurrentProcess();
        return process.PrivateMemorySize64;
    }

    /// <summary>Gives memory that was freed and is kept for later back to the system, where the C library can.</summary>
    public static void ReturnFreed()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = malloc_trim(0);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library than glibc, which has nothing like it.
        }
    }

    /// <summary>Proportional set size: shared pages counted by their share. Slow (milliseconds); Linux only, else the working set.</summary>
    public static long ReadProportionalBytes() =>
        ReadProcess(Environment.ProcessId).ProportionalBytes;

    /// <summary>
    /// The memory of a process of the same user; zero where it has ended. Slow: the kernel looks at every page (tens of milliseconds for some GiB). Elsewhere than on
    /// Linux the working set stands for the proportional set size.
    /// </summary>
    public static ProcessMemoryReading ReadProcess(int processId)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                using var process = Process.GetProcessById(processId);
                return new ProcessMemoryReading(process.WorkingSet64, process.PrivateMemorySize64);
            }
            var fields = StatusFields(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/smaps_rollup"), "Pss:", "Anonymous:");
            return new ProcessMemoryReading(fields[0], fields[1]);
        }
        catch (Exception gone) when (gone is IOException or ArgumentException or InvalidOperationException)
        {
            return default;
        }
    }

    private static long[] StatusFields(string file, params string[] names)
    {
        var values = new long[names.Length];
        foreach (string line in File.ReadLines(file))
        {
            int field = Array.FindIndex(names, name => line.StartsWith(name, StringComparison.Ordinal));
            if (field < 0) continue;
            var digits = line.AsSpan(names[field].Length).Trim();
            values[field] = long.Parse(digits[..digits.IndexOf(' ')], CultureInfo.InvariantCulture) * 1024;
        }
        return values;
    }

    private static readonly Lazy<nint> NvmlDevice = new(OpenNvml);

    private static nint OpenNvml()
    {
        string library = OperatingSystem.IsWindows() ? "nvml.dll" : "libnvidia-ml.so.1";
        if (!NativeLibrary.TryLoad(library, out nint handle)) return 0;
        NativeLibrary.SetDllImportResolver(typeof(DeviceMemory).Assembly, (name, _, _) => name == "nvml" ? handle : 0);
        return nvmlInit_v2() == 0 && nvmlDeviceGetHandleByIndex_v2(0, out nint device) == 0 ? device : 0;
    }

    /// <summary>Memory of the first GPU, or null where there is none.</summary>
    public static GpuMemoryReading? ReadGpu()
    {
        nint device = NvmlDevice.Value;
        if (device == 0 || nvmlDeviceGetMemoryInfo(device, out NvmlMemory memory) != 0) return null;
        var name = new byte[96];
        string gpu = nvmlDeviceGetName(device, name, (uint)name.Length) == 0
            ? System.Text.Encoding.UTF8.GetString(name.AsSpan(0, Math.Max(0, Array.IndexOf(name, (byte)0))))
            : "GPU 0";
        return new GpuMemoryReading(gpu, (long)memory.Total, (long)memory.Used, (long)memory.Free);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct NvmlMemory
    {
        public ulong Total;
        public ulong Free;
        public ulong Used;
    }

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint pad);

    [LibraryImport("nvml")]
    private static partial int nvmlInit_v2();

    [LibraryImport("nvml")]
    private static partial int nvmlDeviceGetHandleByIndex_v2(uint index, out nint device);

    [LibraryImport("nvml")]
    private static partial int nvmlDeviceGetMemoryInfo(nint device, out NvmlMemory memory);

    [LibraryImport("nvml")]
    private static partial int nvmlDeviceGetName(nint device, byte[] name, uint length);
}

using System.Diagnostics;
using Studio.Core.Tensors;

namespace Studio.Bench.Limits;

/// <summary>Processes whose memory counts together. They belong to it: disposing it ends them.</summary>
internal sealed class ProcessGroup : IDisposable
{
    private readonly List<Process> _processes = [];
    private readonly Lock _gate = new();

    /// <summary>Starts one more.</summary>
    public Process Start(ProcessStartInfo command)
    {
        var process = Process.Start(command)!;
        lock (_gate) _processes.Add(process);
        return process;
    }

    /// <summary>Their memory now; pages that they share count once.</summary>
    public ProcessMemoryReading Read() => All().Where(process => !process.HasExited).Aggregate(default(ProcessMemoryReading), (sum, process) => sum + DeviceMemory.ReadProcess(process.Id));

    /// <summary>The sum of their resident sets: quick to read, and never less than <see cref="Read"/> would say.</summary>
    public long ResidentBytes() => All().Sum(ResidentBytes);

    /// <summary>Ends all of them.</summary>
    public void Kill()
    {
        foreach (var process in All()) process.Kill(entireProcessTree: true);
    }

    /// <summary>Ends all of them and waits for it.</summary>
    public void Dispose()
    {
        Kill();
        foreach (var process in All())
        {
            process.WaitForExit();
            process.Dispose();
        }
    }

    private List<Process> All()
    {
        lock (_gate) return [.. _processes];
    }

    private static long ResidentBytes(Process process)
    {
        try
        {
            process.Refresh();
            return process.WorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0; // it has ended
        }
    }
}

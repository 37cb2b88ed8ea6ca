using Studio.Core.Tensors;

namespace Studio.Bench.Limits;

/// <summary>The most memory that processes are seen to hold. Looking takes time of a core: not while times are measured.</summary>
internal static class MemoryPeak
{
    /// <summary>The peak of this process while something runs.</summary>
    public static ProcessMemoryReading While(Action work) => While(() => DeviceMemory.ReadProcess(Environment.ProcessId), work);

    /// <summary>The peak of a reading while something runs; its two figures need not be of one moment.</summary>
    public static ProcessMemoryReading While(Func<ProcessMemoryReading> read, Action work)
    {
        var peak = default(ProcessMemoryReading);
        using (new Sampler(() =>
        {
            var now = read();
            peak = new ProcessMemoryReading(Math.Max(peak.ProportionalBytes, now.ProportionalBytes), Math.Max(peak.PrivateBytes, now.PrivateBytes));
        }))
        {
            work();
        }
        return peak;
    }
}

using Studio.Core.Tensors;

namespace Studio.Bench;

/// <summary>The largest resident set of this process, which Linux lets begin anew.</summary>
internal static class PeakMemory
{
    private const string References = "/proc/self/clear_refs";

    /// <summary>From here on the peak is counted from what is resident now; nothing where the system cannot.</summary>
    public static void Reset()
    {
        if (File.Exists(References)) File.WriteAllText(References, "5");
    }

    /// <summary>The same after what is free was given back to the system; returns what is resident then.</summary>
    public static long ResetFreed()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        DeviceMemory.ReturnFreed();
        Reset();
        return DeviceMemory.Read().ResidentBytes;
    }
}

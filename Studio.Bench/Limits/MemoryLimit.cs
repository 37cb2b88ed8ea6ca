using System.Diagnostics;
using Studio.Core.Tensors;

namespace Studio.Bench.Limits;

/// <summary>Processes that are ended once they hold more memory together than they may. They belong to it: disposing it ends them.</summary>
internal abstract class MemoryLimit : IDisposable
{
    /// <summary>The processes.</summary>
    protected ProcessGroup Processes { get; } = new();

    /// <summary>Memory of the machine: a limit beyond it would enforce nothing.</summary>
    public static long MachineBytes => DeviceMemory.Read().SystemBytes;

    /// <summary>Who enforces it, for reports.</summary>
    public abstract string Name { get; }

    /// <summary>Whether processes were ended for their memory.</summary>
    public abstract bool Exceeded { get; }

    /// <summary>A limit that the kernel enforces where a control group can be made, else one that a thread of this process enforces.</summary>
    /// <param name="bytes">Most that all processes may hold together.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not between 0 and <see cref="MachineBytes"/>.</exception>
    public static MemoryLimit Enforce(long bytes) => Enforce(bytes, ControlGroups.Above());

    /// <summary>The same with control groups to try, nearest first.</summary>
    public static MemoryLimit Enforce(long bytes, IEnumerable<string> groups)
    {
        if (bytes <= 0 || bytes >= MachineBytes) throw new ArgumentOutOfRangeException(nameof(bytes), bytes, $"A limit lies between 0 and the memory of the machine, {MachineBytes} bytes.");
        return ControlGroups.TryCreate(bytes, groups) is { } group ? new ControlGroupLimit(group) : new WatchdogLimit(bytes);
    }

    /// <summary>Starts a process under the limit.</summary>
    public virtual Process Start(ProcessStartInfo command) => Processes.Start(command);

    /// <summary>What they hold now.</summary>
    public ProcessMemoryReading Read() => Processes.Read();

    /// <summary>Ends the processes.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the processes.</summary>
    protected virtual void Dispose(bool disposing) => Processes.Dispose();
}

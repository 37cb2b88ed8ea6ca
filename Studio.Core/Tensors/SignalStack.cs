using System.Runtime.InteropServices;

namespace Studio.Core.Tensors;

/// <summary>
/// Room for the signal handlers of threads that compute. .NET makes a NullReferenceException of a processor fault in a handler on a stack of 12 KiB; on processors
/// with AMX a half-precision product leaves a thread with 11 KiB of state that the kernel stores there first, and the handler runs off its end: an exception of
/// one client would be the end of the process. Linux on x64 only; elsewhere there is nothing to do.
/// </summary>
internal sealed partial class SignalStack
{
    private const int Size = 128 << 10, ReadAndWrite = 1 | 2, PrivateAndAnonymous = 0x02 | 0x20;

    [ThreadStatic]
    private static SignalStack? _ofThread;

    private static int _count;

    private readonly nint _memory;

    private SignalStack(nint memory)
    {
        _memory = memory;
        if (memory != 0) Interlocked.Increment(ref _count);
    }

    // Its thread is gone, or it would still hold the object.
    ~SignalStack()
    {
        if (_memory == 0) return;
        _ = Unmap(_memory, Size);
        Interlocked.Decrement(ref _count);
    }

    /// <summary>Rooms that are there now, in the whole process.</summary>
    public static int Count => Volatile.Read(ref _count);

    /// <summary>Gives the calling thread the room, once.</summary>
    public static void Ensure()
    {
        if (_ofThread is null) _ofThread = Install();
    }

    private static SignalStack Install()
    {
        // Where it cannot be had, threads stay as they are.
        var none = new SignalStack(0);
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return none;
        nint memory = Map(0, Size, ReadAndWrite, PrivateAndAnonymous, descriptor: -1, offset: 0);
        if (memory == -1) return none;
        var stack = new SignalStack(memory);
        return Set(new Description { Start = memory, Size = Size }, previous: 0) == 0 ? stack : none;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nint length);

    [LibraryImport("libc", EntryPoint = "sigaltstack")]
    private static partial int Set(in Description stack, nint previous);

    // stack_t of libc.
    [StructLayout(LayoutKind.Sequential)]
    private struct Description
    {
        public nint Start;
        public int Flags;
        public nint Size;
    }
}

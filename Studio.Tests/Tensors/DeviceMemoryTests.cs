using System.Diagnostics;
using Studio.Core.Tensors;

namespace Studio.Tests.Tensors;

/// <summary>Memory of processes as the system counts it.</summary>
public sealed class DeviceMemoryTests
{
    [Fact]
    public void ReadProcess_ThisOne_SeesWhatItTouches()
    {
        const int Bytes = 256 << 20;
        var before = DeviceMemory.ReadProcess(Environment.ProcessId);
        byte[] block = GC.AllocateUninitializedArray<byte>(Bytes);
        Array.Fill(block, (byte)1);
        var with = DeviceMemory.ReadProcess(Environment.ProcessId);
        GC.KeepAlive(block);
        // Other tests allocate and free meanwhile.
        Assert.True(with.PrivateBytes - before.PrivateBytes > Bytes / 2, $"{before} {with}");
        Assert.True(with.ProportionalBytes - before.ProportionalBytes > Bytes / 2, $"{before} {with}");
    }

    [Fact]
    public void ReadProcess_EndedOne_IsZero()
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true })!;
        process.WaitForExit();
        Assert.Equal(default, DeviceMemory.ReadProcess(process.Id));
    }
}

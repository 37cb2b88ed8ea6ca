using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Core.Tensors;

/// <summary>Memory of the place where bases and runs are: of the machine or container, or of the GPU. Cheap enough for every few milliseconds.</summary>
/// <param name="TotalBytes">What there is.</param>
/// <param name="Used">What the process holds and could share with nobody; on a GPU what all programs use.</param>
/// <param name="Native">The same without the managed heap: tensors, mostly.</param>
public sealed record MemoryGauge(long TotalBytes, Func<long> Used, Func<long> Native)
{
    /// <summary>The gauge of a device.</summary>
    public static MemoryGauge Of(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.type == DeviceType.CUDA && DeviceMemory.Read().Gpu is { } gpu) return new MemoryGauge(gpu.TotalBytes, GpuUsed, GpuUsed);
        return new MemoryGauge(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, DeviceMemory.ReadPrivateBytes,
            () => Math.Max(0, DeviceMemory.ReadPrivateBytes() - GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes));

        static long GpuUsed() => DeviceMemory.ReadGpu()?.UsedBytes ?? 0;
    }
}

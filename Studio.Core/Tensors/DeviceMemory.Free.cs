using System.Globalization;
using TorchSharp;

namespace Studio.Core.Tensors;

public static partial class DeviceMemory
{
    /// <summary>Bytes that are free on a device now: as the driver says on a GPU, what can be had without swapping in host memory. Null where nobody says.</summary>
    public static long? FreeBytes(torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.type switch
        {
            DeviceType.CPU => FreeHostBytes(),
            DeviceType.CUDA => FreeGpuBytes(Math.Max(0, device.index)),
            _ => null,
        };
    }

    private static long FreeHostBytes()
    {
        var collector = GC.GetGCMemoryInfo(); // knows the limit of a container, which the system's own figures do not
        return OperatingSystem.IsLinux() ? Math.Min(collector.TotalAvailableMemoryBytes, StatusFields("/proc/meminfo", "MemAvailable:")[0])
            : Math.Max(0, collector.TotalAvailableMemoryBytes - collector.MemoryLoadBytes);
    }

    private static long? FreeGpuBytes(int index)
    {
        if (NvmlDevice.Value == 0 || PhysicalIndex(index) is not { } physical) return null;
        return nvmlDeviceGetHandleByIndex_v2(physical, out nint gpu) == 0 && nvmlDeviceGetMemoryInfo(gpu, out NvmlMemory memory) == 0 ? (long)memory.Free : null;
    }

    // The driver counts all GPUs, CUDA those that the variable names. GPUs of different kinds may be counted in another order unless CUDA_DEVICE_ORDER=PCI_BUS_ID.
    private static uint? PhysicalIndex(int index)
    {
        if (Environment.GetEnvironmentVariable("CUDA_VISIBLE_DEVICES") is not { Length: > 0 } visible) return (uint)index;
        string[] names = visible.Split(',', StringSplitOptions.TrimEntries);
        return index < names.Length && uint.TryParse(names[index], NumberStyles.None, CultureInfo.InvariantCulture, out uint physical) ? physical : null;
    }
}

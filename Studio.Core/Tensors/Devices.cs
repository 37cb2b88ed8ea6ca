using System.Runtime.Intrinsics.X86;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Core.Tensors;

/// <summary>What this machine can compute on.</summary>
public static class Devices
{
    private static readonly Lazy<bool> CudaProbe = new(() =>
    {
        // The CPU backend must be up first: with CPU packages the CUDA probe may print otherwise.
        InitializeDeviceType(DeviceType.CPU);
        return cuda.is_available();
    });

    /// <summary>Whether an NVIDIA GPU is usable by the installed torch packages. Probed once.</summary>
    public static bool HasCuda => CudaProbe.Value;

    /// <summary>The device that base models are placed on by default: the first GPU, else the CPU.</summary>
    public static Device Default => HasCuda ? new Device(DeviceType.CUDA, 0) : CPU;

    /// <summary>Parses "auto", "cpu", "cuda" or "cuda:N".</summary>
    /// <exception cref="ArgumentException">The name is unknown or the device is not present.</exception>
    public static Device Parse(string name)
    {
        if (name is "auto") return Default;
        if (name is "cpu") return CPU;
        if (name is "cuda" || name.StartsWith("cuda:", StringComparison.Ordinal))
        {
            int index = 0;
            if (name.Length > 5 && !int.TryParse(name.AsSpan(5), out index))
                throw new ArgumentException($"Device '{name}': expected cuda:N with N a number.", nameof(name));
            if (!HasCuda || index >= cuda.device_count())
                throw new ArgumentException($"Device '{name}' is not present on this machine; expected 'cpu'{(HasCuda ? " or cuda:0.." + (cuda.device_count() - 1) : "")}.", nameof(name));
            return new Device(DeviceType.CUDA, index);
        }
        throw new ArgumentException($"Device '{name}' is unknown; expected auto, cpu, cuda or cuda:N.", nameof(name));
    }

    /// <summary>Whether bf16 matrix products run at hardware speed on the device.</summary>
    public static bool HasFastBFloat16(Device device) =>
        device.type == DeviceType.CUDA || (OperatingSystem.IsLinux() && Avx512F.IsSupported && CpuFlags.Value.Contains(" avx512_bf16", StringComparison.Ordinal));

    private static readonly Lazy<string> CpuFlags = new(() =>
    {
        try
        {
            return File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal)) ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    });
}

using System.Globalization;
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
    public static Device Parse(string name) => Parse(name, CudaDevices);

    /// <summary>Parses one device, or several by name with commas between them: "cuda:0,cuda:1".</summary>
    /// <exception cref="ArgumentException">A name is unknown, there twice or "auto", or its device is not present.</exception>
    public static IReadOnlyList<Device> ParseList(string names) => ParseList(names, CudaDevices);

    /// <summary>Whether both are the same device; a GPU without a number is the first.</summary>
    public static bool IsSame(this Device device, Device other)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(other);
        return device.type == other.type && Math.Max(0, device.index) == Math.Max(0, other.index);
    }

    /// <summary>Whether a tensor lies on a device. Tensors in host memory know no number.</summary>
    public static bool IsOn(this Tensor tensor, Device device)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(device);
        var type = tensor.device_type;
        return type == device.type && (type != DeviceType.CUDA || tensor.device_index == Math.Max(0, device.index));
    }

    /// <summary>Its name for messages and settings, such as cpu or cuda:0.</summary>
    public static string Name(this Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.type != DeviceType.CUDA && device.index <= 0 ? device.ToString() : $"{device.type.ToString().ToLowerInvariant()}:{Math.Max(0, device.index)}";
    }

    /// <summary>As <see cref="Parse(string)"/> on a machine with so many GPUs, asked for only where a name needs them.</summary>
    internal static Device Parse(string name, Func<int> gpus)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name is "auto") return Default;
        if (name is "cpu") return CPU;
        if (name is "cuda" || name.StartsWith("cuda:", StringComparison.Ordinal))
        {
            int index = 0;
            if (name is not "cuda" && !int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out index))
                throw new ArgumentException($"Device '{name}': expected cuda:N with N a number.");
            int present = gpus();
            if (index >= present)
                throw new ArgumentException($"Device '{name}' is not present on this machine; expected 'cpu'{(present > 0 ? " or cuda:0.." + (present - 1) : "")}.");
            return new Device(DeviceType.CUDA, index);
        }
        throw new ArgumentException($"Device '{name}' is unknown; expected auto, cpu, cuda or cuda:N.");
    }

    /// <summary>As <see cref="ParseList(string)"/> on a machine with so many GPUs.</summary>
    internal static IReadOnlyList<Device> ParseList(string names, Func<int> gpus)
    {
        ArgumentNullException.ThrowIfNull(names);
        string[] each = names.Split(',', StringSplitOptions.TrimEntries);
        if (each.Length == 1) return [Parse(each[0], gpus)];
        var devices = new List<Device>();
        for (int i = 0; i < each.Length; i++)
        {
            if (each[i].Length == 0) throw new ArgumentException($"Devices '{names}': name {i + 1} is empty; expected names with commas between them, such as cuda:0,cuda:1.");
            if (each[i] == "auto") throw new ArgumentException($"Devices '{names}': 'auto' stands alone; expected cpu or cuda:N beside other devices.");
            var device = Parse(each[i], gpus);
            if (devices.Exists(device.IsSame)) throw new ArgumentException($"Devices '{names}': {device.Name()} is there twice; expected each device once.");
            devices.Add(device);
        }
        return devices;
    }

    private static int CudaDevices() => HasCuda ? cuda.device_count() : 0;

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

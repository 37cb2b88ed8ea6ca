using Studio.Core.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Tensors;

/// <summary>Names of devices in settings, on a machine with two GPUs wherever the test runs.</summary>
public sealed class DevicesTests
{
    [Theory]
    [InlineData("cpu", "cpu")]
    [InlineData("cuda", "cuda:0")]
    [InlineData("cuda:1", "cuda:1")]
    [InlineData("cuda:0,cuda:1", "cuda:0 cuda:1")]
    [InlineData(" cuda:1 , cpu", "cuda:1 cpu")]
    public void ParseList_Names_AreTheDevicesInTheirOrder(string names, string devices) =>
        Assert.Equal(devices, string.Join(' ', Devices.ParseList(names, () => 2).Select(device => device.Name())));

    [Theory]
    [InlineData("", "Device '' is unknown; expected auto, cpu, cuda or cuda:N.")]
    [InlineData("gpu", "Device 'gpu' is unknown; expected auto, cpu, cuda or cuda:N.")]
    [InlineData("cuda:", "Device 'cuda:': expected cuda:N with N a number.")]
    [InlineData("cuda:-1", "Device 'cuda:-1': expected cuda:N with N a number.")]
    [InlineData("cuda:one", "Device 'cuda:one': expected cuda:N with N a number.")]
    [InlineData("cuda:2", "Device 'cuda:2' is not present on this machine; expected 'cpu' or cuda:0..1.")]
    [InlineData("cuda:0,cuda:2", "Device 'cuda:2' is not present on this machine; expected 'cpu' or cuda:0..1.")]
    [InlineData("cuda:0,", "Devices 'cuda:0,': name 2 is empty; expected names with commas between them, such as cuda:0,cuda:1.")]
    [InlineData("auto,cuda:1", "Devices 'auto,cuda:1': 'auto' stands alone; expected cpu or cuda:N beside other devices.")]
    [InlineData("cuda:0,cuda", "Devices 'cuda:0,cuda': cuda:0 is there twice; expected each device once.")]
    public void ParseList_BadNames_AreRefusedWithWhatIsExpected(string names, string message) =>
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => Devices.ParseList(names, () => 2)).Message);

    [Fact]
    public void Parse_GpuWhereThereIsNone_NamesTheCpuAlone() =>
        Assert.Equal("Device 'cuda' is not present on this machine; expected 'cpu'.", Assert.Throws<ArgumentException>(() => Devices.Parse("cuda", () => 0)).Message);

    [Fact]
    public void IsSame_GpuWithoutANumber_IsTheFirst()
    {
        Assert.True(new Device(DeviceType.CUDA).IsSame(new Device(DeviceType.CUDA, 0)));
        Assert.False(new Device(DeviceType.CUDA, 1).IsSame(new Device(DeviceType.CUDA, 0)));
        Assert.False(new Device(DeviceType.CUDA, 0).IsSame(CPU));
        Assert.True(new Device(DeviceType.CPU, 0).IsSame(CPU));
    }

    [Fact]
    public void FreeBytes_OfTheHost_AreSomeOfIts()
    {
        long free = Assert.NotNull(DeviceMemory.FreeBytes(CPU));
        Assert.InRange(free, 1, DeviceMemory.Read().SystemBytes);
        Assert.Null(DeviceMemory.FreeBytes(META));
    }
}

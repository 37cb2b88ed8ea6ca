using Studio.Core.Execution;
using Studio.Core.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Execution.Placement;

/// <summary>
/// Devices for tests on a machine that has one: host memory under another number. torch takes it for another device and copies to and from it; the
/// values stay those of the CPU, so that results can be held bit against bit.
/// </summary>
internal static class StandIns
{
    public static Device Device(int number) => new(DeviceType.CPU, number);

    /// <summary>A plan over so many devices, filled as alike as can be.</summary>
    public static PlacementPlan Plan(DecoderConfig config, int devices, Device? client = null)
    {
        var plan = PlacementPlan.For(config, ScalarType.Float32, [.. Enumerable.Range(1, devices).Select(number => new DeviceRoom(Device(number), 1L << 40))]);
        Assert.Equal(devices, plan.Shards.Count);
        return client is null ? plan : new PlacementPlan(plan.Shards) { Client = client };
    }

    /// <summary>A checkpoint over so many devices in fp32.</summary>
    public static BaseModel Load(string folder, int devices, Device? client = null, ExecutorOptions? options = null)
    {
        PlacementPlan plan;
        using (var checkpoint = Checkpoint.Open(folder)) plan = Plan(checkpoint.Config, devices, client);
        return BaseModel.Load("sharded", folder, plan, ScalarType.Float32, options);
    }

    /// <summary>The same checkpoint in one place.</summary>
    public static BaseModel Whole(string folder, ExecutorOptions? options = null) => BaseModel.Load("whole", folder, ScalarType.Float32, CPU, options);
}

/// <summary>Copies for real, notes what travelled where, and fails where told.</summary>
internal sealed class TestTransfer : IDeviceTransfer
{
    public List<(int To, ScalarType Type, long Bytes)> Moves { get; } = [];

    public Func<Device, bool>? Fails { get; set; }

    public Tensor Move(Tensor x, Device to)
    {
        if (Fails?.Invoke(to) == true) throw new IOException("the link is down");
        Moves.Add((Math.Max(0, to.index), x.dtype, x.numel() * x.ElementSize));
        return x.clone();
    }
}

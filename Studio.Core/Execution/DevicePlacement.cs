using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>Where base models and their clients are wanted, before a model is known.</summary>
/// <param name="Base">Devices of the base, in the order of its blocks.</param>
/// <param name="Client">Where clients compute; null = on the first of them.</param>
public sealed record DevicePlacement(IReadOnlyList<Device> Base, Device? Client = null)
{
    /// <summary>Everything on one device.</summary>
    public DevicePlacement(Device device) : this([device])
    {
    }

    /// <summary>Parses settings: devices as in <see cref="Devices.ParseList(string)"/>; the clients' as in <see cref="Devices.Parse(string)"/>, "auto" = on the base's first.</summary>
    /// <exception cref="ArgumentException">A name is unknown, there twice, or its device is not present.</exception>
    public static DevicePlacement Parse(string devices, string client) =>
        new(Devices.ParseList(devices), client == "auto" ? null : Devices.Parse(client));

    /// <summary>The plan for one model; several devices are filled by their free memory of this moment.</summary>
    /// <param name="checkpoint">The model.</param>
    /// <param name="type">Type of the weights in memory; null = as <see cref="BaseModel"/> chooses.</param>
    /// <exception cref="ArgumentException">The model does not fit.</exception>
    public PlacementPlan PlanFor(Checkpoint checkpoint, ScalarType? type = null)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        var plan = Base.Count == 1 ? PlacementPlan.On(Base[0], checkpoint.Config)
            : PlacementPlan.For(checkpoint.Config, type ?? BaseModel.PreferredType(checkpoint, Base), Rooms());
        return Client is null ? plan : new PlacementPlan(plan.Shards) { Client = Client };
    }

    private List<DeviceRoom> Rooms()
    {
        var free = Base.Select(DeviceMemory.FreeBytes).ToList();
        // Where one of them cannot be read, none is a measure for the others: all count as equally large.
        bool known = free.TrueForAll(bytes => bytes is not null);
        return [.. Base.Select((device, i) => new DeviceRoom(device, known ? free[i]!.Value : long.MaxValue))];
    }
}

using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>A device and how many bytes of weights may lie on it.</summary>
public readonly record struct DeviceRoom(Device Device, long FreeBytes);

/// <summary>One part of a base in a plan.</summary>
/// <param name="Device">Where it lies.</param>
/// <param name="Layers">What it holds.</param>
public sealed record ShardPlacement(Device Device, LayerRange Layers);

/// <summary>
/// Where one base model lies: neighbouring blocks on each device, in order, and the device on which its clients compute. The embedding is with the
/// first blocks; the head with the last, or beside the embedding where both are one weight.
/// </summary>
public sealed class PlacementPlan
{
    /// <summary>A plan by hand.</summary>
    /// <param name="shards">The parts, in the order of their blocks.</param>
    /// <exception cref="ArgumentException">They are no whole base.</exception>
    public PlacementPlan(IReadOnlyList<ShardPlacement> shards)
    {
        ArgumentNullException.ThrowIfNull(shards);
        LayerRange.RequireWhole([.. shards.Select(shard => shard.Layers)]);
        Shards = shards;
        Client = shards[0].Device;
    }

    /// <summary>The parts, in the order of their blocks.</summary>
    public IReadOnlyList<ShardPlacement> Shards { get; }

    /// <summary>Where clients compute that do not say otherwise: the first part's device unless told.</summary>
    public Device Client { get; init; }

    /// <summary>Blocks of all parts.</summary>
    public int Blocks => Shards[^1].Layers.LastBlock + 1;

    /// <summary>Everything on one device.</summary>
    public static PlacementPlan On(Device device, DecoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new PlacementPlan([Part(device, config, 0, config.Blocks - 1)]);
    }

    /// <summary>
    /// Splits the blocks over devices so that each holds as small a part of its free bytes as can be: what is left for activations and caches is
    /// then spread alike. A device that gets no block has no part in the plan.
    /// </summary>
    /// <param name="config">The model.</param>
    /// <param name="type">Type of the weights in memory.</param>
    /// <param name="rooms">The devices in the order of the blocks, and their free bytes.</param>
    /// <exception cref="ArgumentException">There are no devices, or the blocks do not fit; the message names sizes and room.</exception>
    public static PlacementPlan For(DecoderConfig config, ScalarType type, IReadOnlyList<DeviceRoom> rooms)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(rooms);
        if (rooms.Count == 0) throw new ArgumentException("There are no devices to place the base on; expected at least one.");
        long[] blocks = BytesOfBlocks(config, type);
        int[] ends = Split(blocks, [.. rooms.Select(room => room.FreeBytes)])
            ?? throw new ArgumentException(
                FormattableString.Invariant($"The base takes {Megabytes(blocks.Sum())} in {type}, its largest block with what goes with it {Megabytes(blocks.Max())}. ")
                + $"Its blocks do not fit, in order, into the free memory of {string.Join(", ", rooms.Select(room => $"{room.Device.Name()} ({Megabytes(Math.Max(0, room.FreeBytes))})"))}.");
        var shards = new List<ShardPlacement>();
        for (int i = 0, first = 0; i < ends.Length; first = ends[i++])
            if (ends[i] > first) shards.Add(Part(rooms[i].Device, config, first, ends[i] - 1));
        return new PlacementPlan(shards);
    }

    /// <summary>The devices of the parts, such as "cuda:0, cuda:1", and that of the clients where it is another.</summary>
    public override string ToString() =>
        string.Join(", ", Shards.Select(shard => shard.Device.Name())) + (Client.IsSame(Shards[0].Device) ? "" : $" (clients on {Client.Name()})");

    /// <summary>
    /// Where each device's blocks end (exclusive) in the split whose fullest device is least full, and among those the one that fills all most alike;
    /// null where none fits.
    /// </summary>
    internal static int[]? Split(IReadOnlyList<long> blocks, IReadOnlyList<long> rooms)
    {
        double fullest = Best(blocks, rooms, Math.Max, limit: 1).Cost;
        return double.IsPositiveInfinity(fullest) ? null : Best(blocks, rooms, (sum, full) => sum + full * full, fullest).Ends;
    }

    // The cheapest way to give neighbouring blocks to the devices in order, none of them fuller than the limit.
    private static (double Cost, int[] Ends) Best(IReadOnlyList<long> blocks, IReadOnlyList<long> rooms, Func<double, double, double> add, double limit)
    {
        var before = new long[blocks.Count + 1];
        for (int i = 0; i < blocks.Count; i++) before[i + 1] = checked(before[i] + blocks[i]);
        // costs[n]: of the first n blocks on the devices so far.
        double[] costs = [0, .. Enumerable.Repeat(double.PositiveInfinity, blocks.Count)];
        var starts = new int[rooms.Count][];
        for (int device = 0; device < rooms.Count; device++)
        {
            var next = costs.ToArray(); // without a block on this device
            starts[device] = [.. Enumerable.Range(0, before.Length)];
            for (int end = 1; end < before.Length; end++)
            {
                for (int start = end - 1; start >= 0 && Full(start, end) <= limit; start--)
                {
                    double cost = add(costs[start], Full(start, end));
                    if (cost < next[end]) (next[end], starts[device][end]) = (cost, start);
                }
            }
            costs = next;

            double Full(int start, int end) => rooms[device] > 0 ? (double)(before[end] - before[start]) / rooms[device] : double.PositiveInfinity;
        }
        var ends = new int[rooms.Count];
        for (int device = rooms.Count - 1, end = blocks.Count; device >= 0; end = starts[device--][end]) ends[device] = end;
        return (costs[^1], ends);
    }

    /// <summary>Bytes of each block's weights, with what its part holds outside the blocks.</summary>
    internal static long[] BytesOfBlocks(DecoderConfig config, ScalarType type)
    {
        var bytes = new long[config.Blocks];
        foreach (var layer in config.WeightLayers())
        {
            var shape = config.Describe(layer);
            if (layer == LayerId.Head && config.TiedHead && !shape.HasBias) continue; // the embedding's weight
            bool end = !config.TiedHead && layer.Projection is (BaseProjection.Head or BaseProjection.ProjectOut);
            int block = layer.Block != LayerId.OutsideBlocks ? layer.Block : end ? config.Blocks - 1 : 0;
            bytes[block] += SafeTensorTypes.Bytes(type) * ((long)shape.InputFeatures * shape.OutputFeatures + (shape.HasBias ? shape.OutputFeatures : 0));
        }
        return bytes;
    }

    private static ShardPlacement Part(Device device, DecoderConfig config, int first, int last) =>
        new(device, new LayerRange(first, last, Embedding: first == 0, Head: config.TiedHead ? first == 0 : last == config.Blocks - 1));

    private static string Megabytes(long bytes) => FormattableString.Invariant($"{bytes / 1e6:0.##} MB");
}

using System.Collections.Concurrent;
using Studio.Core.Models;
using Studio.Core.Models.Families;
using Studio.Core.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>
/// All frozen projections of one base model, resident once, and the products over them. Stateless: safe to call from many threads at once.
/// </summary>
public sealed class FrozenLayers : IDisposable
{
    private readonly Dictionary<LayerId, FrozenWeight> _weights;
    private readonly Func<LayerId, LayerDescription> _describe;
    private readonly ConcurrentDictionary<LayerId, LayerDescription> _descriptions = new();

    /// <summary>Takes ownership of the weights of unfused layers; <paramref name="describe"/> says how fused calls are made of them.</summary>
    public FrozenLayers(IReadOnlyDictionary<LayerId, FrozenWeight> weights, Func<LayerId, LayerDescription> describe, ScalarType computeType, Device device)
    {
        _weights = weights.ToDictionary();
        _describe = describe;
        ComputeType = computeType;
        Device = device;
    }

    /// <summary>Type of activations.</summary>
    public ScalarType ComputeType { get; }

    /// <summary>Where the weights are.</summary>
    public Device Device { get; }

    /// <summary>Bytes of all weights; a weight that serves twice (tied head) counts once.</summary>
    public long Bytes => _weights.Values.Distinct().Sum(weight => weight.Bytes);

    /// <summary>Loads the projections of a checkpoint, or those of a range only: mapped without a copy where the stored type is the compute type and the device is the CPU.</summary>
    /// <param name="reader">Reads the weights.</param>
    /// <param name="range">Which; null = all.</param>
    /// <param name="int8Decode">Whether they get 8-bit copies too (<see cref="ExecutorOptions.Int8Decode"/>).</param>
    internal static FrozenLayers Load(WeightReader reader, LayerRange? range = null, bool int8Decode = false)
    {
        var weights = new Dictionary<LayerId, FrozenWeight>();
        var (config, family) = (reader.Checkpoint.Config, reader.Checkpoint.Family);
        try
        {
            foreach (var layer in config.WeightLayers())
            {
                if (range is not null && !range.Holds(layer)) continue;
                bool tied = layer == LayerId.Head && config.TiedHead, bias = config.Describe(layer).HasBias;
                weights[layer] = tied && !bias && weights.TryGetValue(LayerId.Embedding, out var embedding) ? embedding
                    : Dense(family.Weight(tied ? LayerId.Embedding : layer), bias ? family.Bias(layer) : null);
            }
            if (int8Decode && reader.Device.type == DeviceType.CPU) AddInt8(weights);
            return new FrozenLayers(weights, range is null ? config.Describe : Within, reader.Type, reader.Device);
        }
        catch
        {
            foreach (var weight in weights.Values.Distinct()) weight.Dispose();
            throw;
        }

        LayerDescription Within(LayerId layer) =>
            range.Holds(layer) ? config.Describe(layer) : throw new ArgumentException($"'{layer}' is not in this part of the base, which holds {range}.", nameof(layer));

        DenseWeight Dense(WeightSource weight, WeightSource? bias)
        {
            var values = reader.Read(weight);
            try
            {
                return new DenseWeight(values, bias is null ? null : reader.Read(bias));
            }
            catch
            {
                values.Dispose();
                throw;
            }
        }
    }

    /// <summary>Shapes and parts of a layer.</summary>
    /// <exception cref="ArgumentException">No such layer.</exception>
    public LayerDescription Describe(LayerId layer) => _descriptions.GetOrAdd(layer, _describe);

    /// <summary>The weight of an unfused layer.</summary>
    /// <exception cref="ArgumentException">No such layer.</exception>
    public FrozenWeight Weight(LayerId layer) =>
        _weights.TryGetValue(layer, out var weight) ? weight : throw new ArgumentException($"The base has no single weight for '{layer}'.", nameof(layer));

    /// <summary>y = x W^T + b, [rows, in] to [rows, out]; the result belongs to the caller.</summary>
    public Tensor Forward(LayerId layer, Tensor x, RowGroups? rowGroups = null) => Forward(layer, x, rowGroups, decodes: false);

    /// <summary>The same; the one row of a decode pass may be computed less exactly.</summary>
    internal Tensor Forward(LayerId layer, Tensor x, RowGroups? rowGroups, bool decodes)
    {
        SignalStack.Ensure();
        if (rowGroups is not null) return OverExperts(rowGroups, x, (expert, rows) => Forward(layer with { Expert = expert }, rows));
        if (layer == LayerId.Embedding) return Embed(x);
        var parts = Describe(layer).Parts;
        bool one = decodes && x.size(0) == 1;
        if (parts.Count == 1) return Product(parts[0]);
        // Whichever part fails, nothing of the others stays.
        using var scope = NewDisposeScope();
        if (!Weight(parts[0].Layer).SuitsSlices(x, one)) return cat([.. parts.Select(Product)], 1).MoveToOuterDisposeScope();
        var y = empty([x.size(0), parts[^1].Offset + parts[^1].Width], dtype: ComputeType, device: Device);
        foreach (var part in parts) Weight(part.Layer).MultiplyInto(x, y.narrow(1, part.Offset, part.Width));
        return y.MoveToOuterDisposeScope();

        Tensor Product(LayerPart part) => one ? Weight(part.Layer).MultiplyToDecode(x) : Weight(part.Layer).Multiply(x);
    }

    /// <summary>dx = dy W, [rows, out] to [rows, in]; the result belongs to the caller.</summary>
    public Tensor Backward(LayerId layer, Tensor dy, RowGroups? rowGroups = null)
    {
        SignalStack.Ensure();
        if (rowGroups is not null) return OverExperts(rowGroups, dy, (expert, rows) => Backward(layer with { Expert = expert }, rows));
        var parts = Describe(layer).Parts;
        if (parts.Count == 1) return Weight(parts[0].Layer).MultiplyTransposed(dy);
        using var scope = NewDisposeScope();
        Tensor? dx = null;
        foreach (var part in parts)
        {
            var slice = dy.narrow(1, part.Offset, part.Width);
            if (dx is null) dx = Weight(part.Layer).MultiplyTransposed(slice);
            else Weight(part.Layer).AddMultiplyTransposed(slice, dx);
        }
        return dx!.MoveToOuterDisposeScope();
    }

    /// <summary>Frees all weights.</summary>
    public void Dispose()
    {
        foreach (var weight in _weights.Values.Distinct()) weight.Dispose();
        _weights.Clear();
    }

    // Routers choose, and a choice is not nearly right; what experts get of a single row is several rows.
    private static void AddInt8(Dictionary<LayerId, FrozenWeight> weights)
    {
        foreach (var (layer, weight) in weights.ToList())
        {
            bool wanted = layer.Expert == LayerId.NoExpert && layer != LayerId.Embedding && layer.Projection is not (BaseProjection.Router or BaseProjection.SharedExpertGate);
            if (!wanted || !Int8DecodeWeight.Suits(weight)) continue;
            var both = new Int8DecodeWeight(weight);
            foreach (var (same, _) in weights.Where(entry => entry.Value == weight).ToList()) weights[same] = both;
        }
    }

    private Tensor Embed(Tensor ids)
    {
        var rows = Weight(LayerId.Embedding).Rows(ids);
        if (Describe(LayerId.Embedding).Scale is var scale && scale != 1) rows.mul_(ComputeType.Nearest(scale));
        return rows;
    }

    private static Tensor OverExperts(RowGroups groups, Tensor rows, Func<int, Tensor, Tensor> product)
    {
        if (groups.Counts.Sum() != rows.size(0))
            throw new ArgumentException($"The row groups hold {groups.Counts.Sum()} rows, the input has {rows.size(0)}.", nameof(groups));
        using var scope = NewDisposeScope();
        var outputs = new List<Tensor>();
        long start = 0;
        for (int expert = 0; expert < groups.Counts.Count; start += groups.Counts[expert++])
            if (groups.Counts[expert] > 0) outputs.Add(product(expert, rows.narrow(0, start, groups.Counts[expert])));
        return cat(outputs, 0).MoveToOuterDisposeScope();
    }
}

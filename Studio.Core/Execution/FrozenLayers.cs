using System.Collections.Concurrent;
using Studio.Core.Models;
using Studio.Core.Models.Families;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>
/// All frozen projections of one base model, resident once, and the products over them. Stateless: safe to call from many threads at once.
/// </summary>
public sealed class FrozenLayers : IDisposable
{
    // Below this many rows one product per part and a concatenation are faster than products into slices of one output (measured on CPU).
    private const int SliceRows = 32;

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
    internal static FrozenLayers Load(WeightReader reader, LayerRange? range = null)
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
    public Tensor Forward(LayerId layer, Tensor x, RowGroups? rowGroups = null)
    {
        SignalStack.Ensure();
        if (rowGroups is not null) return OverExperts(rowGroups, x, (expert, rows) => Forward(layer with { Expert = expert }, rows));
        if (layer == LayerId.Embedding) return Embed(x);
        var parts = Describe(layer).Parts;
        if (parts.Count == 1) return Weight(parts[0].Layer).Multiply(x);
        long rows = x.size(0);
        if (rows < SliceRows)
        {
            var outputs = parts.Select(part => Weight(part.Layer).Multiply(x)).ToArray();
            var joined = cat(outputs, 1);
            foreach (var output in outputs) output.Dispose();
            return joined;
        }
        var y = empty([rows, parts[^1].Offset + parts[^1].Width], dtype: ComputeType, device: Device);
        foreach (var part in parts)
        {
            using var slice = y.narrow(1, part.Offset, part.Width);
            Weight(part.Layer).MultiplyInto(x, slice);
        }
        return y;
    }

    /// <summary>dx = dy W, [rows, out] to [rows, in]; the result belongs to the caller.</summary>
    public Tensor Backward(LayerId layer, Tensor dy, RowGroups? rowGroups = null)
    {
        SignalStack.Ensure();
        if (rowGroups is not null) return OverExperts(rowGroups, dy, (expert, rows) => Backward(layer with { Expert = expert }, rows));
        var parts = Describe(layer).Parts;
        if (parts.Count == 1) return Weight(parts[0].Layer).MultiplyTransposed(dy);
        Tensor? dx = null;
        foreach (var part in parts)
        {
            using var slice = dy.narrow(1, part.Offset, part.Width);
            if (dx is null) dx = Weight(part.Layer).MultiplyTransposed(slice);
            else Weight(part.Layer).AddMultiplyTransposed(slice, dx);
        }
        return dx!;
    }

    /// <summary>Frees all weights.</summary>
    public void Dispose()
    {
        foreach (var weight in _weights.Values.Distinct()) weight.Dispose();
        _weights.Clear();
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
        var outputs = new List<Tensor>();
        long start = 0;
        for (int expert = 0; expert < groups.Counts.Count; start += groups.Counts[expert++])
        {
            if (groups.Counts[expert] == 0) continue;
            using var slice = rows.narrow(0, start, groups.Counts[expert]);
            outputs.Add(product(expert, slice));
        }
        var joined = cat(outputs, 0);
        foreach (var output in outputs) output.Dispose();
        return joined;
    }
}

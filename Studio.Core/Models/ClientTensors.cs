using Studio.Core.Models.Families;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>The tensors of a checkpoint that are the client's side of the forward, in the compute type.</summary>
internal sealed class ClientTensors : IDisposable
{
    /// <summary>Weights of the norms; the norms own them once they are built.</summary>
    public required IReadOnlyDictionary<NormId, NormWeights> Norms { get; init; }

    /// <summary>The learned position table [rows, hidden], or null.</summary>
    public Tensor? Positions { get; init; }

    /// <summary>Attention sinks per block, each [heads]; empty = none.</summary>
    public IReadOnlyList<Tensor> Sinks { get; init; } = [];

    /// <summary>Bytes of all.</summary>
    public long Bytes => Norms.Values.Sum(norm => norm.Weight.ByteCount() + (norm.Bias?.ByteCount() ?? 0)) + (Positions?.ByteCount() ?? 0) + Sinks.Sum(sink => sink.ByteCount());

    /// <summary>Reads them from a checkpoint: the position table mapped where types agree, the small ones copied.</summary>
    public static ClientTensors Load(WeightReader reader)
    {
        var (config, family) = (reader.Checkpoint.Config, reader.Checkpoint.Family);
        var made = new List<Tensor>();
        try
        {
            return new ClientTensors
            {
                Norms = config.Norms().ToDictionary(id => id, Norm),
                Positions = config.LearnedPositions > 0 ? Kept(reader.Read(new WeightSource(family.PositionTable + ".weight"))) : null,
                Sinks = config.AttentionSinks ? [.. Enumerable.Range(0, config.Blocks).Select(i => Kept(reader.Read(new WeightSource(family.SinksName(i)))))] : [],
            };
        }
        catch
        {
            foreach (var tensor in made) tensor.Dispose();
            throw;
        }

        NormWeights Norm(NormId id)
        {
            long[] shape = config.NormShape(id);
            var names = family.NormModules(id, shape);
            var weight = config.NormWeight ? Joined(names, ".weight", shape) : Kept(ones(shape, dtype: reader.Type, device: reader.Device).Owned());
            return new NormWeights(weight, config.HasNormBias(id) ? Joined(names, ".bias", shape) : null);
        }

        // Norms of heads may be stored head by head.
        Tensor Joined(IReadOnlyList<string> modules, string ending, long[] shape)
        {
            using var scope = NewDisposeScope();
            var parts = new List<Tensor>();
            try
            {
                foreach (string module in modules) parts.Add(reader.Read(new WeightSource(module + ending)));
                return Kept((parts.Count == 1 ? parts[0] : stack(parts, 0)).view(shape).clone().Owned());
            }
            finally
            {
                foreach (var part in parts) part.Dispose();
            }
        }

        Tensor Kept(Tensor tensor)
        {
            made.Add(tensor);
            return tensor;
        }
    }

    /// <summary>The same on another device, with memory of its own.</summary>
    public ClientTensors CopyTo(Device device)
    {
        var made = new List<Tensor>();
        try
        {
            return new ClientTensors
            {
                Norms = Norms.ToDictionary(norm => norm.Key, norm => new NormWeights(Copy(norm.Value.Weight), norm.Value.Bias is { } bias ? Copy(bias) : null)),
                Positions = Positions is null ? null : Copy(Positions),
                Sinks = [.. Sinks.Select(Copy)],
            };
        }
        catch
        {
            foreach (var tensor in made) tensor.Dispose();
            throw;
        }

        Tensor Copy(Tensor tensor)
        {
            made.Add(tensor.to(tensor.dtype, device, copy: true).Owned());
            return made[^1];
        }
    }

    /// <summary>Frees positions and sinks.</summary>
    public void Dispose()
    {
        Positions?.Dispose();
        foreach (var sink in Sinks) sink.Dispose();
    }
}

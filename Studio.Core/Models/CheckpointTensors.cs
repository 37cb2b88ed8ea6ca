using Studio.Core.Models.Families;

namespace Studio.Core.Models;

/// <summary>Which tensors a checkpoint of a config must hold.</summary>
public static class CheckpointTensors
{
    /// <summary>Names and shapes as stored: [out, in] for projections ([in, out] where the family stores them transposed, with the experts in
    /// front where it stacks them), the norm's shape for norms. Lazy: a config may ask for more than there is memory to list.</summary>
    public static IEnumerable<KeyValuePair<string, long[]>> Expected(DecoderFamily family, DecoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(family);
        ArgumentNullException.ThrowIfNull(config);
        foreach (var id in config.WeightLayers())
        {
            var layer = config.Describe(id);
            bool tied = id == LayerId.Head && config.TiedHead;
            var source = family.Weight(id);
            // Stacked experts are one tensor, listed with the first of them.
            if (source.Expert is > 0) continue;
            long[] stacked = source.Expert is null ? [] : [config.Block(id.Block).Experts!.Count];
            long[] shape = id == LayerId.Embedding ? [config.Vocabulary, config.EmbeddingWidth]
                : source.Transposed ? [layer.InputFeatures, layer.OutputFeatures] : [layer.OutputFeatures, layer.InputFeatures];
            if (!tied) yield return KeyValuePair.Create<string, long[]>(source.Name, [.. stacked, .. shape]);
            if (layer.HasBias) yield return KeyValuePair.Create<string, long[]>(family.Bias(id).Name, [.. stacked, layer.OutputFeatures]);
        }
        foreach (var norm in config.Norms())
        {
            long[] shape = config.NormShape(norm);
            var modules = family.NormModules(norm, shape);
            long[] each = modules.Count == 1 ? shape : shape[1..];
            foreach (string module in modules)
            {
                if (config.NormWeight) yield return KeyValuePair.Create(module + ".weight", each);
                if (config.HasNormBias(norm)) yield return KeyValuePair.Create(module + ".bias", each);
            }
        }
        if (config.LearnedPositions > 0) yield return KeyValuePair.Create<string, long[]>(family.PositionTable + ".weight", [config.LearnedPositions, config.Hidden]);
        for (int block = 0; config.AttentionSinks && block < config.Blocks; block++)
            yield return KeyValuePair.Create<string, long[]>(family.SinksName(block), [config.Heads]);
    }

    /// <summary>All norms of a model.</summary>
    public static IEnumerable<NormId> Norms(DecoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return config.Norms();
    }
}

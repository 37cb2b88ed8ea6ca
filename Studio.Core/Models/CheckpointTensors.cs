using Studio.Core.Models.Families;

namespace Studio.Core.Models;

/// <summary>Which tensors a checkpoint of a config must hold.</summary>
public static class CheckpointTensors
{
    /// <summary>Names and shapes ([out, in] for projections, [hidden] for norms).</summary>
    public static IReadOnlyDictionary<string, long[]> Expected(DecoderFamily family, DecoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(family);
        ArgumentNullException.ThrowIfNull(config);
        var expected = new Dictionary<string, long[]>(StringComparer.Ordinal);
        foreach (var call in config.BaseCalls())
        {
            if (call == LayerId.Head && config.TiedHead) continue;
            foreach (var part in config.Describe(call).Parts)
            {
                var layer = config.Describe(part.Layer);
                string module = family.ModuleName(part.Layer);
                expected[module + ".weight"] = part.Layer == LayerId.Embedding ? [config.Vocabulary, config.Hidden] : [layer.OutputFeatures, layer.InputFeatures];
                if (layer.HasBias) expected[module + ".bias"] = [layer.OutputFeatures];
            }
        }
        foreach (var norm in Norms(config))
        {
            expected[family.NormName(norm) + ".weight"] = [config.Hidden];
            if (config.Norm == NormKind.Layer) expected[family.NormName(norm) + ".bias"] = [config.Hidden];
        }
        return expected;
    }

    /// <summary>All norms of a model.</summary>
    public static IEnumerable<NormId> Norms(DecoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        for (int block = 0; block < config.Blocks; block++)
        {
            yield return new NormId(block, NormRole.AttentionInput);
            yield return new NormId(block, NormRole.MlpInput);
        }
        yield return new NormId(LayerId.OutsideBlocks, NormRole.Final);
    }
}

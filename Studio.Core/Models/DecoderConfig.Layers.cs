namespace Studio.Core.Models;

/// <summary>Which layers and norms a config gives, and their shapes.</summary>
public sealed partial record DecoderConfig
{
    /// <summary>Elements of all weights.</summary>
    public long ParameterCount
    {
        get
        {
            long sum = (long)LearnedPositions * Hidden + (AttentionSinks ? (long)Blocks * Heads : 0);
            foreach (var call in BaseCalls())
            {
                if (call == LayerId.Head && TiedHead) continue;
                var layer = Describe(call);
                long copies = IsExpertCall(call) ? Block(call.Block).Experts!.Count : 1;
                sum += copies * ((long)layer.InputFeatures * layer.OutputFeatures + (layer.HasBias ? layer.OutputFeatures : 0));
            }
            return sum + Norms().Sum(norm => Elements(NormShape(norm)) * ((NormWeight ? 1 : 0) + (HasNormBias(norm) ? 1 : 0)));
        }
    }

    /// <summary>Inner features that a row passes through in the widest block, all its experts together.</summary>
    public long InnerFeatures => Enumerable.Range(0, Blocks).Max(i => Block(i).Experts is { } experts ? (long)experts.PerRow * experts.Width + experts.SharedWidth : MlpWidth);

    /// <summary>The layer ids of all base calls, in the order of the forward.</summary>
    public IEnumerable<LayerId> BaseCalls()
    {
        yield return LayerId.Embedding;
        if (EmbeddingWidth != Hidden) yield return LayerId.ProjectIn;
        for (int block = 0; block < Blocks; block++)
        {
            var experts = Block(block).Experts;
            yield return new LayerId(block, BaseProjection.QueryKeyValue);
            yield return new LayerId(block, BaseProjection.AttentionOutput);
            if (experts is not null) yield return new LayerId(block, BaseProjection.Router);
            yield return new LayerId(block, GatedMlp ? BaseProjection.GateUp : BaseProjection.Up);
            yield return new LayerId(block, BaseProjection.Down);
            if (experts is not { SharedWidth: > 0 }) continue;
            yield return new LayerId(block, BaseProjection.SharedGateUp);
            yield return new LayerId(block, BaseProjection.SharedDown);
            yield return new LayerId(block, BaseProjection.SharedExpertGate);
        }
        if (EmbeddingWidth != Hidden) yield return LayerId.ProjectOut;
        yield return LayerId.Head;
    }

    /// <summary>Every layer that has a weight of its own: the parts of all base calls, expert by expert.</summary>
    public IEnumerable<LayerId> WeightLayers()
    {
        foreach (var call in BaseCalls())
        {
            if (!IsExpertCall(call))
            {
                foreach (var part in Describe(call).Parts) yield return part.Layer;
                continue;
            }
            for (int expert = 0; expert < Block(call.Block).Experts!.Count; expert++)
                foreach (var part in Describe(call with { Expert = expert }).Parts) yield return part.Layer;
        }
    }

    /// <summary>Whether a layer stands for all experts of a block, or for one of them.</summary>
    public bool IsExpertCall(LayerId layer) =>
        layer.Projection is BaseProjection.GateUp or BaseProjection.Gate or BaseProjection.Up or BaseProjection.Down && Block(layer.Block).Experts is not null;

    /// <summary>Parts, widths and bias of a base layer.</summary>
    /// <exception cref="ArgumentException">The model has no such layer.</exception>
    public LayerDescription Describe(LayerId layer)
    {
        if (!Exists(layer)) throw new ArgumentException($"The {Family} model with {Blocks} blocks has no layer '{layer}'.", nameof(layer));
        int query = checked(Heads * HeadWidth), keyValue = checked(KeyValueHeads * HeadWidth);
        return layer.Projection switch
        {
            BaseProjection.Embedding => Single(layer, Vocabulary, EmbeddingWidth, false) with { Scale = ScaleInsideEmbedding ? EmbeddingScale : 1 },
            BaseProjection.ProjectIn => Single(layer, EmbeddingWidth, Hidden, false),
            BaseProjection.ProjectOut => Single(layer, Hidden, EmbeddingWidth, false),
            BaseProjection.Head => Single(layer, EmbeddingWidth, Vocabulary, HeadBias),
            BaseProjection.QueryKeyValue when FusedQueryKeyValue is not null => Single(layer, Hidden, checked(query + 2 * keyValue), QueryKeyValueBias),
            BaseProjection.QueryKeyValue => Fused(layer, Hidden, QueryKeyValueBias,
                (BaseProjection.Query, query), (BaseProjection.Key, keyValue), (BaseProjection.Value, keyValue)),
            BaseProjection.Query => Single(layer, Hidden, query, QueryKeyValueBias),
            BaseProjection.Key or BaseProjection.Value => Single(layer, Hidden, keyValue, QueryKeyValueBias),
            BaseProjection.AttentionOutput => Single(layer, query, Hidden, AttentionOutputBias),
            _ => DescribeMlp(layer),
        };
    }

    /// <summary>All norms of the model.</summary>
    public IEnumerable<NormId> Norms()
    {
        if (EmbeddingNorm) yield return new NormId(LayerId.OutsideBlocks, NormRole.Embedding);
        for (int block = 0; block < Blocks; block++)
        {
            foreach (var role in BlockNorms) yield return new NormId(block, role);
            if (QueryKeyNorm == QueryKeyNormKind.None) continue;
            yield return new NormId(block, NormRole.Query);
            yield return new NormId(block, NormRole.Key);
        }
        if (FinalNorm) yield return new NormId(LayerId.OutsideBlocks, NormRole.Final);
    }

    /// <summary>Shape of a norm's weight and bias.</summary>
    public long[] NormShape(NormId norm)
    {
        if (norm.Role is not (NormRole.Query or NormRole.Key)) return [Hidden];
        int heads = norm.Role == NormRole.Query ? Heads : KeyValueHeads;
        return QueryKeyNorm switch
        {
            QueryKeyNormKind.Projection => [(long)heads * HeadWidth],
            QueryKeyNormKind.OwnHead => [heads, HeadWidth],
            _ => [HeadWidth],
        };
    }

    /// <summary>Whether a norm adds a bias.</summary>
    public bool HasNormBias(NormId norm) => norm.Role is NormRole.Query or NormRole.Key ? QueryKeyNormBias : NormBias;

    private LayerDescription DescribeMlp(LayerId layer)
    {
        var experts = Block(layer.Block).Experts;
        bool shared = layer.Projection is BaseProjection.SharedGateUp or BaseProjection.SharedGate or BaseProjection.SharedUp or BaseProjection.SharedDown;
        int width = shared ? experts!.SharedWidth : experts?.Width ?? MlpWidth;
        bool bias = experts?.Bias ?? MlpBias;
        var layout = shared || experts is null ? GateUp : experts.Layout;
        return layer.Projection switch
        {
            BaseProjection.Router => Single(layer, Hidden, experts!.Count, bias),
            BaseProjection.SharedExpertGate => Single(layer, Hidden, 1, false),
            BaseProjection.GateUp when layout != GateUpLayout.Separate => Single(layer, Hidden, checked(2 * width), bias),
            BaseProjection.GateUp => Fused(layer, Hidden, bias, (BaseProjection.Gate, width), (BaseProjection.Up, width)),
            BaseProjection.SharedGateUp => Fused(layer, Hidden, bias, (BaseProjection.SharedGate, width), (BaseProjection.SharedUp, width)),
            BaseProjection.Gate or BaseProjection.Up or BaseProjection.SharedGate or BaseProjection.SharedUp => Single(layer, Hidden, width, bias),
            BaseProjection.Down or BaseProjection.SharedDown => Single(layer, width, Hidden, bias),
            _ => throw new ArgumentException($"Unknown projection '{layer.Projection}'.", nameof(layer)),
        };
    }

    private bool Exists(LayerId layer)
    {
        if (layer.Projection is BaseProjection.Embedding or BaseProjection.Head) return layer is { Block: LayerId.OutsideBlocks, Expert: LayerId.NoExpert };
        if (layer.Projection is BaseProjection.ProjectIn or BaseProjection.ProjectOut)
            return layer is { Block: LayerId.OutsideBlocks, Expert: LayerId.NoExpert } && EmbeddingWidth != Hidden;
        if (layer.Block < 0 || layer.Block >= Blocks) return false;
        var experts = Block(layer.Block).Experts;
        if (layer.Expert != LayerId.NoExpert && (!IsExpertCall(layer) || layer.Expert < 0 || layer.Expert >= experts!.Count)) return false;
        return layer.Projection switch
        {
            BaseProjection.Gate or BaseProjection.GateUp => GatedMlp,
            BaseProjection.Router => experts is not null,
            BaseProjection.SharedGateUp or BaseProjection.SharedGate or BaseProjection.SharedUp or BaseProjection.SharedDown or BaseProjection.SharedExpertGate =>
                experts is { SharedWidth: > 0 },
            _ => true,
        };
    }

    private static LayerDescription Single(LayerId layer, int inputs, int outputs, bool bias) =>
        new(layer, inputs, outputs, [new LayerPart(layer, 0, outputs)], bias);

    private static LayerDescription Fused(LayerId layer, int inputs, bool bias, params (BaseProjection Projection, int Width)[] parts)
    {
        var list = new List<LayerPart>(parts.Length);
        int offset = 0;
        foreach (var (projection, width) in parts)
        {
            list.Add(new LayerPart(layer with { Projection = projection }, offset, width));
            offset = checked(offset + width);
        }
        return new LayerDescription(layer, inputs, offset, list, bias);
    }

    private static long Elements(long[] shape) => shape.Aggregate(1L, (product, size) => product * size);
}

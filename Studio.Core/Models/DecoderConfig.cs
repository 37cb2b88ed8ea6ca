using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>Activation of an MLP.</summary>
public enum Activation
{
    /// <summary>x * sigmoid(x).</summary>
    Silu,

    /// <summary>x * Phi(x) with the error function.</summary>
    Gelu,

    /// <summary>The tanh approximation of GELU.</summary>
    GeluTanh,

    /// <summary>max(x, 0).</summary>
    Relu,
}

/// <summary>Kind of a norm layer.</summary>
public enum NormKind
{
    /// <summary>x / rms(x) * w, computed in fp32.</summary>
    Rms,

    /// <summary>(x - mean) / std * w + b.</summary>
    Layer,
}

/// <summary>How rotary frequencies are stretched beyond the context the model was trained on.</summary>
public enum RotaryScalingKind
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>All frequencies divided by the factor.</summary>
    Linear,

    /// <summary>Llama 3: three bands by wavelength.</summary>
    Llama3,
}

/// <summary>Rotary position embedding.</summary>
public sealed record RotaryConfig
{
    /// <summary>Base of the frequencies.</summary>
    public double Theta { get; init; } = 10_000;

    /// <summary>Features of each head that are rotated.</summary>
    public required int Width { get; init; }

    /// <summary>Kind of stretching.</summary>
    public RotaryScalingKind Scaling { get; init; }

    /// <summary>Stretch factor.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>Llama 3: wavelengths above original / this are stretched fully.</summary>
    public double LowFrequencyFactor { get; init; } = 1;

    /// <summary>Llama 3: wavelengths below original / this are kept.</summary>
    public double HighFrequencyFactor { get; init; } = 4;

    /// <summary>Context length before stretching, in positions.</summary>
    public int OriginalContext { get; init; }
}

/// <summary>Everything the forward of a decoder depends on besides its weights. One record for every supported family.</summary>
public sealed record DecoderConfig
{
    /// <summary><c>model_type</c> of config.json.</summary>
    public required string Family { get; init; }

    /// <summary>Vocabulary size: rows of embedding and head.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int Hidden { get; init; }

    /// <summary>Number of blocks.</summary>
    public required int Blocks { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key/value heads; divides <see cref="Heads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Features of a head.</summary>
    public required int HeadWidth { get; init; }

    /// <summary>Inner width of the MLP.</summary>
    public required int MlpWidth { get; init; }

    /// <summary>Positions the model was made for.</summary>
    public required int ContextLength { get; init; }

    /// <summary>Factor on q k^T.</summary>
    public required double AttentionScale { get; init; }

    /// <summary>MLP activation.</summary>
    public Activation Activation { get; init; } = Activation.Silu;

    /// <summary>Whether the MLP is down(act(gate(x)) * up(x)); else down(act(up(x))).</summary>
    public bool GatedMlp { get; init; } = true;

    /// <summary>Kind of all norms.</summary>
    public NormKind Norm { get; init; } = NormKind.Rms;

    /// <summary>Epsilon of all norms.</summary>
    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>Rotary embedding.</summary>
    public required RotaryConfig Rotary { get; init; }

    /// <summary>Whether q, k and v add biases.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether the attention output adds a bias.</summary>
    public bool AttentionOutputBias { get; init; }

    /// <summary>Whether the MLP's projections add biases.</summary>
    public bool MlpBias { get; init; }

    /// <summary>Whether the head is the embedding's weight.</summary>
    public bool TiedHead { get; init; }

    /// <summary>Type of the weights as the config states it.</summary>
    public ScalarType? StoredType { get; init; }

    /// <summary>Beginning-of-sequence id, where the config names one.</summary>
    public int? BosId { get; init; }

    /// <summary>End-of-sequence ids.</summary>
    public IReadOnlyList<int> EosIds { get; init; } = [];

    /// <summary>Elements of all weights, norms included.</summary>
    public long ParameterCount
    {
        get
        {
            long attention = (long)Hidden * HeadWidth * (2 * Heads + 2 * KeyValueHeads);
            long mlp = (long)Hidden * MlpWidth * (GatedMlp ? 3 : 2);
            long norms = (long)Hidden * (Norm == NormKind.Layer ? 2 : 1);
            long biases = (QueryKeyValueBias ? (long)HeadWidth * (Heads + 2 * KeyValueHeads) : 0) + (AttentionOutputBias ? Hidden : 0)
                + (MlpBias ? (long)MlpWidth * (GatedMlp ? 2 : 1) + Hidden : 0);
            return (attention + mlp + 2 * norms + biases) * Blocks + norms + (long)Vocabulary * Hidden * (TiedHead ? 1 : 2);
        }
    }

    /// <summary>The layer ids of all base calls, in the order of the forward.</summary>
    public IEnumerable<LayerId> BaseCalls()
    {
        yield return LayerId.Embedding;
        for (int block = 0; block < Blocks; block++)
        {
            yield return new LayerId(block, BaseProjection.QueryKeyValue);
            yield return new LayerId(block, BaseProjection.AttentionOutput);
            yield return new LayerId(block, GatedMlp ? BaseProjection.GateUp : BaseProjection.Up);
            yield return new LayerId(block, BaseProjection.Down);
        }
        yield return LayerId.Head;
    }

    /// <summary>Parts, widths and bias of a base layer.</summary>
    /// <exception cref="ArgumentException">The model has no such layer.</exception>
    public LayerDescription Describe(LayerId layer)
    {
        bool outside = layer.Projection is BaseProjection.Embedding or BaseProjection.Head;
        if (layer.Expert != LayerId.NoExpert || (outside ? layer.Block != LayerId.OutsideBlocks : layer.Block < 0 || layer.Block >= Blocks)
            || (!GatedMlp && layer.Projection is (BaseProjection.Gate or BaseProjection.GateUp)))
            throw new ArgumentException($"The {Family} model with {Blocks} blocks has no layer '{layer}'.", nameof(layer));
        int query = Heads * HeadWidth, keyValue = KeyValueHeads * HeadWidth;
        return layer.Projection switch
        {
            BaseProjection.Embedding => Single(layer, Vocabulary, Hidden, false),
            BaseProjection.QueryKeyValue => Fused(layer, Hidden, QueryKeyValueBias,
                (BaseProjection.Query, query), (BaseProjection.Key, keyValue), (BaseProjection.Value, keyValue)),
            BaseProjection.Query => Single(layer, Hidden, query, QueryKeyValueBias),
            BaseProjection.Key or BaseProjection.Value => Single(layer, Hidden, keyValue, QueryKeyValueBias),
            BaseProjection.AttentionOutput => Single(layer, query, Hidden, AttentionOutputBias),
            BaseProjection.GateUp => Fused(layer, Hidden, MlpBias, (BaseProjection.Gate, MlpWidth), (BaseProjection.Up, MlpWidth)),
            BaseProjection.Gate or BaseProjection.Up => Single(layer, Hidden, MlpWidth, MlpBias),
            BaseProjection.Down => Single(layer, MlpWidth, Hidden, MlpBias),
            BaseProjection.Head => Single(layer, Hidden, Vocabulary, false),
            _ => throw new ArgumentException($"Unknown projection '{layer.Projection}'.", nameof(layer)),
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
            offset += width;
        }
        return new LayerDescription(layer, inputs, offset, list, bias);
    }
}

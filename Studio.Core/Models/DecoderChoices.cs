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

    /// <summary>x * sigmoid(1.702 x).</summary>
    QuickGelu,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>max(x, 0) squared.</summary>
    SquaredRelu,
}

/// <summary>Kind of a norm layer.</summary>
public enum NormKind
{
    /// <summary>x / rms(x) * w, computed in fp32.</summary>
    Rms,

    /// <summary>(x - mean) / std * w + b.</summary>
    Layer,
}

/// <summary>What a norm of queries and keys runs over.</summary>
public enum QueryKeyNormKind
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>The whole projection, before it is split into heads; weight [heads * d].</summary>
    Projection,

    /// <summary>Each head, with one weight [d] for all of them.</summary>
    Head,

    /// <summary>Each head with a weight of its own, [heads, d].</summary>
    OwnHead,
}

/// <summary>How gate and up lie in the output of a projection that computes both.</summary>
public enum GateUpLayout
{
    /// <summary>Two projections.</summary>
    Separate,

    /// <summary>One: first the gate, then up.</summary>
    Halves,

    /// <summary>One: gate and up in turns.</summary>
    Interleaved,
}

/// <summary>How queries, keys and values lie in the output of a projection that computes all three.</summary>
/// <param name="Groups">
/// Groups of heads one after the other, each with its queries, keys and values: 1 = all queries, all keys, all values; as many as
/// key/value heads = the queries of a head, its key, its value, and so on.
/// </param>
/// <param name="ValuesFirst">Whether values come before keys within a group.</param>
public sealed record FusedHeads(int Groups, bool ValuesFirst = false);

/// <summary>Linear position biases on attention scores instead of position embeddings (Press et al. 2022).</summary>
public sealed record AlibiConfig
{
    /// <summary>Bias per position and head: score(i, j) += slope * j.</summary>
    public required IReadOnlyList<double> Slopes { get; init; }

    /// <summary>Factor on the biases.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Whether slopes and biases are rounded to bf16, as Falcon was trained with.</summary>
    public bool RoundedToBFloat16 { get; init; }
}

/// <summary>A mixture of experts in place of an MLP: a router sends each row to a few of them and adds their outputs.</summary>
public sealed record ExpertConfig
{
    /// <summary>Number of experts.</summary>
    public required int Count { get; init; }

    /// <summary>Experts each row goes to.</summary>
    public required int PerRow { get; init; }

    /// <summary>Inner width of an expert.</summary>
    public required int Width { get; init; }

    /// <summary>How gate and up of an expert lie.</summary>
    public GateUpLayout Layout { get; init; }

    /// <summary>Whether the softmax runs over the chosen experts' logits only; else over all.</summary>
    public bool SoftmaxOverChosen { get; init; }

    /// <summary>Whether the chosen experts' shares are scaled to a sum of 1.</summary>
    public bool NormalizeChosen { get; init; }

    /// <summary>Whether router and experts add biases.</summary>
    public bool Bias { get; init; }

    /// <summary>Inner width of an expert that every row goes to, times the sigmoid of a gate; 0 = none.</summary>
    public int SharedWidth { get; init; }
}

/// <summary>What may differ from block to block.</summary>
public sealed record BlockConfig
{
    /// <summary>Rotary embedding; null = none in this block.</summary>
    public RotaryConfig? Rotary { get; init; }

    /// <summary>Factor on q k^T.</summary>
    public required double AttentionScale { get; init; }

    /// <summary>Keys that a query sees, its own included; 0 = all before it.</summary>
    public int Window { get; init; }

    /// <summary>The mixture in place of the MLP; null = an MLP.</summary>
    public ExpertConfig? Experts { get; init; }
}

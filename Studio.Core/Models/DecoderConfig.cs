using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>
/// Everything the forward of a decoder depends on besides its weights. One record for every supported family: a family is a way to fill it.
/// Defaults are the plain Llama block.
/// </summary>
public sealed partial record DecoderConfig
{
    /// <summary><c>model_type</c> of config.json.</summary>
    public required string Family { get; init; }

    /// <summary>Vocabulary size: rows of embedding and head.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int Hidden { get; init; }

    /// <summary>Width of the embedding and of the head's input; where it is not <see cref="Hidden"/>, projections lead in and out.</summary>
    public int EmbeddingWidth { get => field > 0 ? field : Hidden; init; }

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

    /// <summary>Factor on q k^T, unless <see cref="PerBlock"/> says otherwise.</summary>
    public required double AttentionScale { get; init; }

    /// <summary>Scores s become cap * tanh(s / cap); 0 = no cap.</summary>
    public double AttentionSoftcap { get; init; }

    /// <summary>Whether each head has a learned logit that joins the softmax and takes its share away.</summary>
    public bool AttentionSinks { get; init; }

    /// <summary>Queries, keys and values are clamped to +- this; 0 = not at all.</summary>
    public double QueryKeyValueClip { get; init; }

    /// <summary>Norm of queries and keys before the rotation.</summary>
    public QueryKeyNormKind QueryKeyNorm { get; init; }

    /// <summary>Whether that norm adds a bias.</summary>
    public bool QueryKeyNormBias { get; init; }

    /// <summary>One projection for queries, keys and values, and how they lie in its output; null = three projections.</summary>
    public FusedHeads? FusedQueryKeyValue { get; init; }

    /// <summary>Rotary embedding, unless <see cref="PerBlock"/> says otherwise; null = none.</summary>
    public RotaryConfig? Rotary { get; init; }

    /// <summary>Linear position biases; null = none.</summary>
    public AlibiConfig? Alibi { get; init; }

    /// <summary>Rows of the learned position table that is added to the embedding; 0 = none.</summary>
    public int LearnedPositions { get; init; }

    /// <summary>Row of that table for position 0.</summary>
    public int LearnedPositionOffset { get; init; }

    /// <summary>MLP activation.</summary>
    public Activation Activation { get; init; } = Activation.Silu;

    /// <summary>Whether the MLP is down(act(gate(x)) * up(x)); else down(act(up(x))).</summary>
    public bool GatedMlp { get; init; } = true;

    /// <summary>How gate and up of the MLP lie.</summary>
    public GateUpLayout GateUp { get; init; }

    /// <summary>Gates are clamped to at most, up to +- this before the activation; 0 = not at all.</summary>
    public double GateLimit { get; init; }

    /// <summary>Added to up before it is multiplied by the gate.</summary>
    public double UpOffset { get; init; }

    /// <summary>The mixture of experts in place of the MLP, unless <see cref="PerBlock"/> says otherwise; null = an MLP.</summary>
    public ExpertConfig? Experts { get; init; }

    /// <summary>What blocks do differently, one entry each; empty = all are alike.</summary>
    public IReadOnlyList<BlockConfig> PerBlock { get; init; } = [];

    /// <summary>The norms of a block.</summary>
    public IReadOnlyList<NormRole> BlockNorms { get; init; } = [NormRole.AttentionInput, NormRole.MlpInput];

    /// <summary>Whether attention and MLP read the same residual stream and are added to it together.</summary>
    public bool ParallelResidual { get; init; }

    /// <summary>Kind of all norms.</summary>
    public NormKind Norm { get; init; } = NormKind.Rms;

    /// <summary>Epsilon of all norms.</summary>
    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>Whether norms multiply by 1 + weight.</summary>
    public bool NormUnitOffset { get; init; }

    /// <summary>Whether norms have weights.</summary>
    public bool NormWeight { get; init; } = true;

    /// <summary>Whether norms add biases.</summary>
    public bool NormBias { get; init; }

    /// <summary>Whether there is a norm after the embedding.</summary>
    public bool EmbeddingNorm { get; init; }

    /// <summary>Whether there is a norm after the last block.</summary>
    public bool FinalNorm { get; init; } = true;

    /// <summary>Factor on the embedding.</summary>
    public double EmbeddingScale { get; init; } = 1;

    /// <summary>Whether that factor belongs to the embedding layer itself, below adapters and virtual tokens; else it comes after them.</summary>
    public bool ScaleInsideEmbedding { get; init; }

    /// <summary>Factor on what each sublayer adds to the residual stream.</summary>
    public double ResidualScale { get; init; } = 1;

    /// <summary>Factor on the logits.</summary>
    public double LogitScale { get; init; } = 1;

    /// <summary>Logits l become cap * tanh(l / cap); 0 = no cap.</summary>
    public double LogitSoftcap { get; init; }

    /// <summary>Whether q, k and v add biases.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Whether the attention output adds a bias.</summary>
    public bool AttentionOutputBias { get; init; }

    /// <summary>Whether the MLP's projections add biases.</summary>
    public bool MlpBias { get; init; }

    /// <summary>Whether the head adds a bias.</summary>
    public bool HeadBias { get; init; }

    /// <summary>Whether the head is the embedding's weight.</summary>
    public bool TiedHead { get; init; }

    /// <summary>Type of the weights as the config states it.</summary>
    public ScalarType? StoredType { get; init; }

    /// <summary>Beginning-of-sequence id, where the config names one.</summary>
    public int? BosId { get; init; }

    /// <summary>End-of-sequence ids.</summary>
    public IReadOnlyList<int> EosIds { get; init; } = [];

    /// <summary>Whether rotary frequencies change with the length of a sequence.</summary>
    public bool RotaryDependsOnLength => Enumerable.Range(0, Blocks).Any(i => Block(i).Rotary is { DependsOnLength: true });

    /// <summary>Length beyond which rotary frequencies are others (LongRoPE); 0 = none.</summary>
    public int RotarySwitch => Enumerable.Range(0, Blocks).Select(i => Block(i).Rotary).FirstOrDefault(rotary => rotary is { Scaling: RotaryScalingKind.LongRope })?.OriginalContext ?? 0;

    /// <summary>Longest sequence that has the rotary frequencies of every shorter one.</summary>
    public int RotaryFixedUpTo => Enumerable.Range(0, Blocks).Select(i => Block(i).Rotary).OfType<RotaryConfig>().Where(rotary => rotary.DependsOnLength)
        .Select(rotary => rotary.OriginalContext).DefaultIfEmpty(int.MaxValue).Min();

    /// <summary>Settings of one block.</summary>
    public BlockConfig Block(int index) => PerBlock.Count > 0 ? PerBlock[index]
        : new BlockConfig { Rotary = Rotary, AttentionScale = AttentionScale, Experts = Experts };

    /// <summary>The same config with changed blocks.</summary>
    public DecoderConfig WithBlocks(Func<BlockConfig, int, BlockConfig> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return this with { PerBlock = [.. Enumerable.Range(0, Blocks).Select(i => change(Block(i), i))] };
    }
}

namespace Studio.Core.Models;

/// <summary>The projections that a base executor serves. Fused kinds are one base call over several parts.</summary>
public enum BaseProjection
{
    /// <summary>Token embedding: ids in, rows out.</summary>
    Embedding,

    /// <summary>Queries, keys and values of one block in one call; parts <see cref="Query"/>, <see cref="Key"/>, <see cref="Value"/>.</summary>
    QueryKeyValue,

    /// <summary>Query projection alone.</summary>
    Query,

    /// <summary>Key projection alone.</summary>
    Key,

    /// <summary>Value projection alone.</summary>
    Value,

    /// <summary>Attention output projection.</summary>
    AttentionOutput,

    /// <summary>Gate and up projections of the MLP in one call; parts <see cref="Gate"/>, <see cref="Up"/>.</summary>
    GateUp,

    /// <summary>Gate projection alone.</summary>
    Gate,

    /// <summary>Up projection alone (the first projection of an MLP without a gate).</summary>
    Up,

    /// <summary>Down projection.</summary>
    Down,

    /// <summary>Output head: hidden to vocabulary.</summary>
    Head,

    /// <summary>Router of a mixture: one logit per expert.</summary>
    Router,

    /// <summary>Gate and up of the expert that every row goes to, in one call; parts <see cref="SharedGate"/>, <see cref="SharedUp"/>.</summary>
    SharedGateUp,

    /// <summary>Its gate projection alone.</summary>
    SharedGate,

    /// <summary>Its up projection alone.</summary>
    SharedUp,

    /// <summary>Its down projection.</summary>
    SharedDown,

    /// <summary>One logit: the share of that expert's output.</summary>
    SharedExpertGate,

    /// <summary>From the embedding's width to the hidden width.</summary>
    ProjectIn,

    /// <summary>From the hidden width to the head's input width.</summary>
    ProjectOut,
}

/// <summary>Addresses one frozen projection of the base model.</summary>
/// <param name="Block">Block index, or <see cref="OutsideBlocks"/> for embedding and head.</param>
/// <param name="Projection">Which projection.</param>
/// <param name="Expert">Expert of a mixture, or <see cref="NoExpert"/>; all experts of a block are addressed by <see cref="NoExpert"/> plus row groups.</param>
public readonly record struct LayerId(int Block, BaseProjection Projection, int Expert = LayerId.NoExpert)
{
    /// <summary>Block of what lies outside the blocks.</summary>
    public const int OutsideBlocks = -1;

    /// <summary>No single expert.</summary>
    public const int NoExpert = -1;

    /// <summary>The token embedding.</summary>
    public static LayerId Embedding { get; } = new(OutsideBlocks, BaseProjection.Embedding);

    /// <summary>The output head.</summary>
    public static LayerId Head { get; } = new(OutsideBlocks, BaseProjection.Head);

    /// <summary>From the embedding's width to the hidden width.</summary>
    public static LayerId ProjectIn { get; } = new(OutsideBlocks, BaseProjection.ProjectIn);

    /// <summary>From the hidden width to the head's input width.</summary>
    public static LayerId ProjectOut { get; } = new(OutsideBlocks, BaseProjection.ProjectOut);

    /// <inheritdoc/>
    public override string ToString() =>
        (Block == OutsideBlocks ? "" : $"block {Block} ") + Projection + (Expert == NoExpert ? "" : $" expert {Expert}");
}

/// <summary>One part of a base call's output.</summary>
/// <param name="Layer">Address of the part alone.</param>
/// <param name="Offset">First output feature within the call's output.</param>
/// <param name="Width">Output features.</param>
public readonly record struct LayerPart(LayerId Layer, int Offset, int Width);

/// <summary>What a base layer computes: <c>y = x W^T + b</c>, x [rows, in], y [rows, out]; the embedding <c>y = scale * W[ids]</c>.</summary>
/// <param name="Layer">Its address.</param>
/// <param name="InputFeatures">Columns of x (for the embedding: the vocabulary size).</param>
/// <param name="OutputFeatures">Columns of y, all parts.</param>
/// <param name="Parts">The parts in output order; a single one for an unfused layer.</param>
/// <param name="HasBias">Whether any part adds a bias.</param>
/// <param name="Scale">Factor on the rows of the embedding.</param>
public sealed record LayerDescription(LayerId Layer, int InputFeatures, int OutputFeatures, IReadOnlyList<LayerPart> Parts, bool HasBias, double Scale = 1);

/// <summary>
/// Rows of a call over all experts of a block, sorted by expert: expert e takes <c>Counts[e]</c> rows. Experts without rows cost nothing.
/// </summary>
public sealed record RowGroups(IReadOnlyList<int> Counts)
{
    /// <summary>Which row of the batch each row comes from, int64 [rows]: for the client, who may serve several adapters in one call. The base does not look at it.</summary>
    public TorchSharp.torch.Tensor? Origins { get; init; }
}

/// <summary>What a client is doing while it visits layers; the executor schedules by it.</summary>
public enum PassKind
{
    /// <summary>Forward and backward of a training step.</summary>
    Training,

    /// <summary>Forward only, on held-out data.</summary>
    Evaluation,

    /// <summary>Prompt processing of a chat.</summary>
    Prefill,

    /// <summary>One token for each of the live sessions: somebody is waiting.</summary>
    Decode,
}

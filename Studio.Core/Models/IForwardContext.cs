using Studio.Core.Tensors.Kernels;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>Which norm of the model.</summary>
public enum NormRole
{
    /// <summary>Before attention.</summary>
    AttentionInput,

    /// <summary>Before the MLP.</summary>
    MlpInput,

    /// <summary>After the last block.</summary>
    Final,

    /// <summary>After the embedding.</summary>
    Embedding,

    /// <summary>On queries.</summary>
    Query,

    /// <summary>On keys.</summary>
    Key,

    /// <summary>On the attention's output, before it joins the residual stream.</summary>
    AttentionOutput,

    /// <summary>On the MLP's output, before it joins the residual stream.</summary>
    MlpOutput,

    /// <summary>On the residual stream after attention has joined it.</summary>
    AttentionResidual,

    /// <summary>On the residual stream after the MLP has joined it.</summary>
    MlpResidual,
}

/// <summary>Addresses one norm.</summary>
public readonly record struct NormId(int Block, NormRole Role);

/// <summary>The two sublayers of a block.</summary>
public enum SublayerKind
{
    /// <summary>Self-attention with its output projection.</summary>
    Attention,

    /// <summary>The MLP.</summary>
    Mlp,
}

/// <summary>Addresses one sublayer.</summary>
public readonly record struct SublayerId(int Block, SublayerKind Kind);

/// <summary>Weight and optional bias of a norm, each of the norm's shape ([hidden] outside attention heads).</summary>
public readonly record struct NormWeights(Tensor Weight, Tensor? Bias);

/// <summary>Keys and values of one block, each [n, kv_heads, head_dim].</summary>
public readonly record struct KeyValues(Tensor Keys, Tensor Values);

/// <summary>
/// What the forward needs from whoever runs it: base layers, cuts, and the places where an adapter may act. The model is written once over
/// this interface; whether there is a tape, an adapter, several of them, or one uncut autograd graph is the context's business.
/// Sequence numbers refer to <see cref="SequenceBatch.Sequences"/>.
/// </summary>
public interface IForwardContext
{
    /// <summary>Says which sequence each row of the following calls belongs to; in force until the next call.</summary>
    void UseRows(IReadOnlyList<RowSpan> rows);

    /// <summary>Runs a base layer with the adapter's changes. x [rows, in] (ids [rows] for the embedding).</summary>
    /// <returns>One tensor per part of the layer, each [rows, width].</returns>
    IReadOnlyList<Tensor> Project(LayerId layer, Tensor x, RowGroups? rowGroups = null);

    /// <summary>Runs a base layer like <see cref="Project"/> for an operation that takes all its parts as they lie beside each other.</summary>
    /// <returns>[rows, widths of all parts]; null where the parts must be changed one by one, or nothing is gained: nothing has run then.</returns>
    Tensor? ProjectWhole(LayerId layer, Tensor x);

    /// <summary>Runs an operation with its written derivative.</summary>
    /// <returns>y, cut; null where the context records, x is not cut, or the operation cannot work on it: then it is to be computed with torch.</returns>
    Tensor? Run(WrittenOperation operation, Tensor x);

    /// <summary>Runs an operation on several tensors [rows, width] put beside each other and cut.</summary>
    /// <returns>y, cut; null as above.</returns>
    Tensor? Run(WrittenOperation operation, IReadOnlyList<Tensor> parts);

    /// <summary>Ends the graph's current segment: the result equals x and starts a new one.</summary>
    Tensor Cut(Tensor x);

    /// <summary>Runs one block of the model. A context that saves memory keeps only what goes in, and runs the block again when its backward is due.</summary>
    /// <param name="hidden">The residual stream [rows, hidden], cut.</param>
    /// <param name="block">From it to the stream after the block, cut. What it uses beside the context and <paramref name="hidden"/> lives as <see cref="Keep"/> says.</param>
    Tensor Block(Tensor hidden, Func<Tensor, Tensor> block);

    /// <summary>Takes over what the blocks of a forward share, where blocks may run again after it.</summary>
    /// <returns>Whether it did: then the context frees it, else the caller does.</returns>
    bool Keep(IDisposable shared);

    /// <summary>Applies a norm to x [rows, hidden] ([rows, heads, d] for norms of heads), with the adapter's weights where it overrides them.</summary>
    Tensor Normalize(NormId id, Norm norm, Tensor x);

    /// <summary>Virtual tokens that the adapter puts before a sequence: their number, 0 for none.</summary>
    int VirtualTokens(int sequence);

    /// <summary>Embeddings of a sequence's virtual tokens, [<see cref="VirtualTokens"/>, hidden]; only asked where there are some.</summary>
    Tensor VirtualEmbeddings(int sequence);

    /// <summary>Keys and values per block that the adapter puts before a sequence's own: their number, 0 for none.</summary>
    int PrefixLength(int sequence);

    /// <summary>The prefix of one block, put in front of keys and values without rotary embedding; only asked where there is one.</summary>
    KeyValues Prefix(int block, int sequence);

    /// <summary>The adapter's change of a sublayer's output before it joins the residual stream; both [rows, hidden].</summary>
    Tensor AfterSublayer(SublayerId sublayer, Tensor input, Tensor output);
}

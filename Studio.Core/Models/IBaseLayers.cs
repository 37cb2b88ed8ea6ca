using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>
/// The frozen layers of one base model as one client sees them. Calls are synchronous on the caller's thread and may wait for batch-mates
/// within the bounds of the batching policy. Nothing is kept between a forward and its backward, and there is no way to hand over an
/// adapter, labels or a cache: the base cannot know who calls it for what.
/// </summary>
public interface IBaseLayers : IDisposable
{
    /// <summary>Shapes and parts of a layer.</summary>
    /// <exception cref="ArgumentException">The base has no such layer.</exception>
    LayerDescription Describe(LayerId layer);

    /// <summary>
    /// y = x W^T + b. The result belongs to the caller (it joins the dispose scope of the calling thread, where there is one) and is never a
    /// view of a batch shared with others.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">[rows, in] in the client's dtype; for the embedding int64 ids [rows].</param>
    /// <param name="rowGroups">Rows per expert for a call over all experts of a block.</param>
    /// <param name="ct">Cancels the wait for batch-mates; a product that runs is not interrupted.</param>
    /// <returns>[rows, out] in the client's dtype.</returns>
    /// <exception cref="ArgumentException">No such layer, or x does not fit it (the message names both shapes).</exception>
    Tensor Forward(LayerId layer, Tensor x, RowGroups? rowGroups = null, CancellationToken ct = default);

    /// <summary>dx = dy W.</summary>
    /// <param name="layer">The layer; not the embedding, whose input has no gradient.</param>
    /// <param name="dy">[rows, out] in the client's dtype.</param>
    /// <param name="rowGroups">As in the forward call.</param>
    /// <param name="ct">Cancels the wait for batch-mates.</param>
    /// <returns>[rows, in] in the client's dtype.</returns>
    /// <exception cref="ArgumentException">No such layer, or dy does not fit it.</exception>
    Tensor Backward(LayerId layer, Tensor dy, RowGroups? rowGroups = null, CancellationToken ct = default);

    /// <summary>Announces a pass over the layers, from its first call to its last; dispose the result at its end. May wait (bounded) for passes that go first.</summary>
    IDisposable BeginPass(PassKind kind, CancellationToken ct = default);
}

/// <summary>
/// Optional capability of a base: looking at weights, for the methods that need it (DoRA, PiSSA, embedding LoRA, trainable tokens,
/// modules_to_save). A remote base may not offer it; the method then says so.
/// </summary>
public interface IBaseWeights
{
    /// <summary>Euclidean norm of every row of W: [out] fp32.</summary>
    Tensor RowNorms(LayerId layer);

    /// <summary>Rows of W: [ids, in] fp32.</summary>
    Tensor Rows(LayerId layer, Tensor ids);

    /// <summary>A copy of the whole W: [out, in] fp32.</summary>
    Tensor Weight(LayerId layer);

    /// <summary>A copy of b: [out] fp32, or null.</summary>
    Tensor? Bias(LayerId layer);
}

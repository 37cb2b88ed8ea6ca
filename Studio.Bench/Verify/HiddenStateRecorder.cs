using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Bench.Verify;

/// <summary>
/// Passes everything on and notes the residual stream at each block's first norm and the final norm's output: the <c>hidden_states</c> of
/// transformers.
/// </summary>
internal sealed class HiddenStateRecorder(IForwardContext inner, List<float[]> states) : IForwardContext
{
    public void UseRows(IReadOnlyList<RowSpan> rows) => inner.UseRows(rows);

    public IReadOnlyList<Tensor> Project(LayerId layer, Tensor x, RowGroups? rowGroups = null) => inner.Project(layer, x, rowGroups);

    public Tensor Cut(Tensor x) => inner.Cut(x);

    public Tensor Normalize(NormId id, Norm norm, Tensor x)
    {
        if (id.Role == NormRole.AttentionInput) states.Add(x.ToFloatArray());
        var y = inner.Normalize(id, norm, x);
        if (id.Role == NormRole.Final) states.Add(y.ToFloatArray());
        return y;
    }

    public int VirtualTokens(int sequence) => inner.VirtualTokens(sequence);

    public Tensor VirtualEmbeddings(int sequence) => inner.VirtualEmbeddings(sequence);

    public int PrefixLength(int sequence) => inner.PrefixLength(sequence);

    public KeyValues Prefix(int block, int sequence) => inner.Prefix(block, sequence);

    public Tensor AfterSublayer(SublayerId sublayer, Tensor input, Tensor output) => inner.AfterSublayer(sublayer, input, output);
}

using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>
/// A mixture of experts: the router's softmax (fp32) shares each row among a few experts, whose outputs are added by their shares. All experts
/// are one base call in each direction, over rows sorted by expert.
/// </summary>
internal sealed class ExpertMixture(int index, DecoderConfig config, ExpertConfig experts)
{
    private readonly LayerId _router = new(index, BaseProjection.Router);
    private readonly LayerId _sharedGate = new(index, BaseProjection.SharedExpertGate);
    private readonly Mlp _all = new(config, new LayerId(index, BaseProjection.GateUp), new LayerId(index, BaseProjection.Down), experts.Layout);
    private readonly Mlp _shared = new(config, new LayerId(index, BaseProjection.SharedGateUp), new LayerId(index, BaseProjection.SharedDown), GateUpLayout.Separate);

    /// <summary>x [rows, hidden], cut, to [rows, hidden].</summary>
    public Tensor Forward(IForwardContext context, Tensor x)
    {
        var (shares, chosen) = Route(context.Project(_router, x)[0]); // [rows, k] each
        var order = chosen.flatten().argsort();                       // places (row, choice) sorted by expert, [rows * k]
        var rows = order.div(experts.PerRow, RoundingMode.floor);      // the row of each place
        var sorted = context.Cut(x.index_select(0, rows));            // [rows * k, hidden]
        var outputs = _all.Forward(context, sorted, CountRows(chosen) with { Origins = rows }) * shares.flatten().index_select(0, order).unsqueeze(1);
        var mixed = zeros_like(x, requires_grad: false).index_add(0, rows, outputs, 1);
        if (experts.SharedWidth == 0) return mixed;
        return mixed + context.Project(_sharedGate, x)[0].sigmoid() * _shared.Forward(context, x);
    }

    private (Tensor Shares, Tensor Chosen) Route(Tensor logits)
    {
        var scores = experts.SoftmaxOverChosen ? logits : logits.softmax(-1, logits.dtype.AtLeastSingle());
        var (top, chosen) = scores.topk(experts.PerRow, 1);
        if (experts.SoftmaxOverChosen) top = top.softmax(-1, logits.dtype.AtLeastSingle());
        if (experts.NormalizeChosen) top = top / top.sum(1, keepdim: true);
        return (top.to(logits.dtype), chosen);
    }

    private RowGroups CountRows(Tensor chosen)
    {
        var counts = new int[experts.Count];
        foreach (long expert in chosen.flatten().cpu().data<long>()) counts[expert]++;
        return new RowGroups(counts);
    }
}

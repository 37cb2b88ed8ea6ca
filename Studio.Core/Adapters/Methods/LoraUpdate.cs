using Studio.Core.Tensors;
using Studio.Core.Tensors.Kernels;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>A LoRA target inside a base call.</summary>
/// <param name="Target">The target.</param>
/// <param name="Offset">Its first column of the call's output.</param>
/// <param name="Width">Its columns.</param>
/// <param name="A">[r, in].</param>
/// <param name="B">[out, r].</param>
internal readonly record struct PlacedLora(LoraTarget Target, int Offset, int Width, Tensor A, Tensor B);

/// <summary>
/// Plain LoRA on all parts of one base call at once, with A = [A_1; A_2; ..], the block-diagonal B = diag(B_1, B_2, ..) and S = diag(s_1, s_2, ..): z = x A^T S,
/// y += z B^T, and backwards dz = dy B S, dB = dy^T z (of which the blocks count), dA = dz^T x, dx += dz A. Six products a call, however many parts it has:
/// products of so few columns cost their start and their reading, not their multiplications.
/// </summary>
internal sealed class LoraUpdate(IReadOnlyList<PlacedLora> targets, FlatParameters parameters, bool trainsA) : LayerUpdate
{
    private Tensor? _a; // [R, in], R = sum of r
    private Tensor? _b; // [out, R]
    private Tensor? _scales; // [R]
    private Tensor? _inner; // z [rows, R]

    /// <inheritdoc/>
    public override void Add(Tensor x, Tensor y)
    {
        _a = AllA(x.dtype).Owned();
        _b = AllB(x.dtype, y.size(1)).Owned();
        _scales = tensor(targets.SelectMany(target => Enumerable.Repeat(target.Target.Scale, target.Target.Rank)).ToArray(), dtype: x.dtype, device: x.device).Owned();
        _inner = x.matmul(_a.t()).mul_(_scales).Owned();
        y.addmm_(_inner, _b.t());
    }

    /// <inheritdoc/>
    public override void AddOnly(Tensor x, Tensor y)
    {
        if (targets.All(target => LowRankRows.Suits(x, y, target.A, target.B)))
            foreach (var target in targets) LowRankRows.Add(x, y, target.Offset, target.A, target.B, target.Target.Scale);
        else Add(x, y);
    }

    /// <inheritdoc/>
    public override void Backpropagate(Tensor x, Tensor dy, Tensor? dx)
    {
        var ofInner = dy.matmul(_b!).mul_(_scales!);
        var ofB = _inner!.t().matmul(dy); // [R, out]
        var ofA = trainsA ? ofInner.t().matmul(x) : null;
        foreach (var (target, at) in Placed())
        {
            int rank = target.Target.Rank;
            parameters.AddGradient(target.Target.B, ofB.narrow(0, at, rank).narrow(1, target.Offset, target.Width).t());
            if (ofA is not null) parameters.AddGradient(target.Target.A, ofA.narrow(0, at, rank));
        }
        dx?.addmm_(ofInner, _a!);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _a?.Dispose();
        _b?.Dispose();
        _scales?.Dispose();
        _inner?.Dispose();
    }

    private Tensor AllA(ScalarType type) => targets is [var only] ? only.A.alias().to(type) : cat([.. targets.Select(target => target.A.to(type))], 0);

    private Tensor AllB(ScalarType type, long width)
    {
        if (targets is [var only] && only.Width == width) return only.B.alias().to(type);
        var b = zeros(width, targets.Sum(target => target.Target.Rank), dtype: type, device: targets[0].B.device);
        foreach (var (target, at) in Placed()) b.narrow(0, target.Offset, target.Width).narrow(1, at, target.Target.Rank).copy_(target.B);
        return b;
    }

    private IEnumerable<(PlacedLora Target, int At)> Placed()
    {
        int at = 0;
        foreach (var target in targets)
        {
            yield return (target, at);
            at += target.Target.Rank;
        }
    }
}

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
/// Plain LoRA on all parts of one base call at once, with A = [A_1; A_2; ..] and the block-diagonal B = diag(s_1 B_1, s_2 B_2, ..): z = x A^T, y += z B^T, and
/// backwards dz = dy B, dB_i = s_i dy_i^T z_i (blocks of one product), dA = dz^T x, dx += dz A. Six products a call, however many parts it has: products of so
/// few columns cost their start and their reading, not their multiplications.
/// </summary>
internal sealed class LoraUpdate(IReadOnlyList<PlacedLora> targets, FlatParameters parameters, bool trainsA) : LayerUpdate
{
    private Tensor? _a; // [R, in], R = sum of r
    private Tensor? _b; // [out, R]
    private Tensor? _inner; // z [rows, R]

    /// <inheritdoc/>
    public override void Add(Tensor x, Tensor y)
    {
        _a = AllA(x.dtype).Owned();
        _b = AllB(x.dtype, y.size(1)).Owned();
        _inner = x.matmul(_a.t()).Owned();
        y.addmm_(_inner, _b.t());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<LowRankTerm> Terms => [.. targets.Select(target => new LowRankTerm(target.Offset, target.A, target.B, target.Target.Scale))];

    /// <inheritdoc/>
    public override void Backpropagate(Tensor x, Tensor dy, Tensor? dx)
    {
        var ofInner = dy.matmul(_b!);
        var ofB = _inner!.t().matmul(dy); // [R, out]
        var ofA = trainsA ? ofInner.t().matmul(x) : null;
        foreach (var (target, at) in Placed())
        {
            int rank = target.Target.Rank;
            parameters.AddGradient(target.Target.B, ofB.narrow(0, at, rank).narrow(1, target.Offset, target.Width).t(), target.Target.Scale);
            if (ofA is not null) parameters.AddGradient(target.Target.A, ofA.narrow(0, at, rank));
        }
        dx?.addmm_(ofInner, _a!);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _a?.Dispose();
        _b?.Dispose();
        _inner?.Dispose();
    }

    private Tensor AllA(ScalarType type)
    {
        if (!targets.All(target => PackKernel.Suits(target.A, type))) return cat([.. targets.Select(target => target.A.to(type))], 0);
        var a = empty(targets.Sum(target => target.Target.Rank), targets[0].A.size(1), dtype: type);
        foreach (var (target, at) in Placed()) PackKernel.Put(target.A, a, at, 0, 1);
        return a;
    }

    private Tensor AllB(ScalarType type, long width)
    {
        var b = zeros(width, targets.Sum(target => target.Target.Rank), dtype: type, device: targets[0].B.device);
        foreach (var (target, at) in Placed())
        {
            if (PackKernel.Suits(target.B, type)) PackKernel.Put(target.B, b, target.Offset, at, target.Target.Scale);
            else b.narrow(0, target.Offset, target.Width).narrow(1, at, target.Target.Rank).copy_(target.B).mul_(target.Target.Scale);
        }
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

using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Studio.Core.Tensors.Kernels;

/// <summary>
/// Softmax cross entropy and its gradient, row by row, in fp32 whatever the type of the logits, in three passes over them: log-softmax, loss, gradient and the casts of
/// the usual way read and write the rows in fp32 some ten times, and for a large vocabulary that takes longer than the product that made them.
/// </summary>
internal static class CrossEntropyKernel
{
    /// <summary>The sum of the losses.</summary>
    /// <param name="logits">[rows, vocabulary]; <see cref="RowLoop.Suits"/>.</param>
    /// <param name="labels">The right index of each row.</param>
    public static double Loss(Tensor logits, long[] labels) => Over(logits, labels, scale: null);

    /// <summary>The sum of the losses, and in place of the logits its gradient * scale: (softmax - one at the label) * scale.</summary>
    /// <param name="logits">[rows, vocabulary]; <see cref="RowLoop.Suits"/>. Overwritten.</param>
    /// <param name="labels">The right index of each row.</param>
    /// <param name="scale">Factor on the gradient.</param>
    public static double LossAndGradient(Tensor logits, long[] labels, double scale) => Over(logits, labels, (float)scale);

    private static double Over(Tensor logits, long[] labels, float? scale) => logits.dtype == ScalarType.BFloat16
        ? Over<ushort, BFloat16Lanes>(logits, labels, scale)
        : Over<float, SingleLanes>(logits, labels, scale);

    private static unsafe double Over<T, TLanes>(Tensor logits, long[] labels, float? scale)
        where T : unmanaged
        where TLanes : ILanes<T>
    {
        var losses = new double[labels.Length];
        int vocabulary = checked((int)logits.size(1));
        nint start = RowLoop.AddressOf(logits);
        RowLoop.Run(labels.Length, logits.numel(), (from, to) =>
        {
            for (int row = from; row < to; row++)
            {
                var numbers = new Span<T>((T*)start + (nint)row * vocabulary, vocabulary);
                float atLabel = TLanes.Widen(numbers[(int)labels[row]]);
                var (most, sum) = Exponentials<T, TLanes>(numbers);
                losses[row] = most - atLabel + Math.Log(sum);
                if (scale is { } factor) Gradient<T, TLanes>(numbers, (int)labels[row], most, sum, factor);
            }
        });
        return losses.Sum();
    }

    private static void Gradient<T, TLanes>(Span<T> logits, int label, float most, double sum, float scale)
        where T : unmanaged
        where TLanes : ILanes<T>
    {
        float atLabel = TLanes.Widen(logits[label]);
        ref T start = ref MemoryMarshal.GetReference(logits);
        float share = (float)(scale / sum);
        var (shift, factor) = (Vector512.Create(most), Vector512.Create(share));
        int whole = logits.Length - logits.Length % ILanes<T>.Count;
        for (int i = 0; i < whole; i += ILanes<T>.Count)
            TLanes.Store(VectorExp.Of(TLanes.Load(ref start, (nuint)i) - shift) * factor, ref start, (nuint)i);
        for (int i = whole; i < logits.Length; i++) logits[i] = TLanes.Narrow(MathF.Exp(TLanes.Widen(logits[i]) - most) * share);
        logits[label] = TLanes.Narrow((float)((Math.Exp(atLabel - most) / sum - 1) * scale));
    }

    // The largest x and the sum of exp(x - largest).
    private static (float Most, double Sum) Exponentials<T, TLanes>(Span<T> logits)
        where T : unmanaged
        where TLanes : ILanes<T>
    {
        ref T start = ref MemoryMarshal.GetReference(logits);
        int whole = logits.Length - logits.Length % ILanes<T>.Count;
        var highest = Vector512.Create(float.NegativeInfinity);
        for (int i = 0; i < whole; i += ILanes<T>.Count) highest = Vector512.Max(highest, TLanes.Load(ref start, (nuint)i));
        float most = float.NegativeInfinity;
        for (int lane = 0; lane < ILanes<T>.Count; lane++) most = MathF.Max(most, highest[lane]);
        for (int i = whole; i < logits.Length; i++) most = MathF.Max(most, TLanes.Widen(logits[i]));
        var shift = Vector512.Create(most);
        var sums = Vector512<float>.Zero;
        double sum = 0;
        for (int i = 0; i < whole; i += ILanes<T>.Count)
        {
            sums += VectorExp.Of(TLanes.Load(ref start, (nuint)i) - shift);
            // Many small numbers in one fp32 would lose the smallest.
            if ((i & 0x3FF0) != 0x3FF0) continue;
            sum += Vector512.Sum(sums);
            sums = Vector512<float>.Zero;
        }
        sum += Vector512.Sum(sums);
        for (int i = whole; i < logits.Length; i++) sum += MathF.Exp(TLanes.Widen(logits[i]) - most);
        return (most, sum);
    }
}

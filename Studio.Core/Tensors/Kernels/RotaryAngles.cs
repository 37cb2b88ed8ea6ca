using System.Runtime.Intrinsics;

namespace Studio.Core.Tensors.Kernels;

/// <summary>Cosines and sines of the rows of one forward, and the rotation by them of a head that lies in fp32.</summary>
/// <param name="cosines">[rows, pairs].</param>
/// <param name="sines">[rows, pairs].</param>
/// <param name="pairs">Pairs of features of a head that are rotated.</param>
/// <param name="neighbours">Whether feature 2i is paired with 2i + 1; else i with i + pairs.</param>
public sealed class RotaryAngles(float[] cosines, float[] sines, int pairs, bool neighbours)
{
    /// <summary>Rotates in place.</summary>
    /// <param name="head">The features of a head.</param>
    /// <param name="row">Whose angles.</param>
    /// <param name="back">The other way round, as a gradient goes.</param>
    internal unsafe void Rotate(float* head, int row, bool back)
    {
        fixed (float* cosine = &cosines[row * pairs], sine = &sines[row * pairs])
        {
            float sign = back ? -1 : 1;
            if (neighbours)
            {
                for (int i = 0; i < pairs; i++) Turn(ref head[2 * i], ref head[2 * i + 1], cosine[i], sign * sine[i]);
                return;
            }
            int whole = pairs - pairs % Vector512<float>.Count;
            var signs = Vector512.Create(sign);
            for (int i = 0; i < whole; i += Vector512<float>.Count)
            {
                var (first, second) = (Vector512.Load(head + i), Vector512.Load(head + pairs + i));
                var (c, s) = (Vector512.Load(cosine + i), Vector512.Load(sine + i) * signs);
                (first * c - second * s).Store(head + i);
                (second * c + first * s).Store(head + pairs + i);
            }
            for (int i = whole; i < pairs; i++) Turn(ref head[i], ref head[pairs + i], cosine[i], sign * sine[i]);
        }
    }

    private static void Turn(ref float first, ref float second, float cosine, float sine) =>
        (first, second) = (first * cosine - second * sine, second * cosine + first * sine);
}

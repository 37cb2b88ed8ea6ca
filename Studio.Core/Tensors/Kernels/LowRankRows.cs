using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace Studio.Core.Tensors.Kernels;

/// <summary>A low-rank update of some columns of a product's output: y[:, offset..] += scale B (A x).</summary>
/// <param name="Offset">First column.</param>
/// <param name="A">[r, in].</param>
/// <param name="B">[out, r].</param>
/// <param name="Scale">Factor.</param>
public readonly record struct LowRankTerm(int Offset, Tensor A, Tensor B, double Scale);

/// <summary>
/// The low-rank updates of a decode pass's rows by one base call, of all adapters and modules together, straight from fp32 factors: casting the factors and starting four
/// operations a module takes longer than the multiplications.
/// </summary>
/// <param name="x">[rows, in].</param>
/// <param name="y">[rows, out], x's type; changed in place.</param>
internal sealed unsafe class LowRankRows(Tensor x, Tensor y)
{
    /// <summary>Most rows of one adapter that are faster this way than through matrix products (measured on CPU).</summary>
    public const int MostRows = 8;

    private readonly List<Update> _updates = [];
    private readonly bool _suits = RowLoop.Suits(x, y);

    /// <summary>Takes the terms of an adapter for its rows.</summary>
    /// <returns>Whether it did; else they are to be added in another way.</returns>
    public bool TryPut(IReadOnlyList<LowRankTerm> terms, int start, int count)
    {
        if (!_suits || count > MostRows || terms.Count == 0) return false;
        foreach (var term in terms)
            if (term.A.dtype != ScalarType.Float32 || !RowLoop.Suits(term.A, term.B)) return false;
        for (int row = start; row < start + count; row++)
            foreach (var term in terms)
                _updates.Add(new Update(row, term.Offset, RowLoop.AddressOf(term.A), RowLoop.AddressOf(term.B), (int)term.A.size(0), (int)term.B.size(0), (float)term.Scale));
        return true;
    }

    /// <summary>Adds what was taken.</summary>
    public void Run()
    {
        if (_updates.Count == 0) return;
        if (x.dtype == ScalarType.BFloat16) Run<ushort, BFloat16Lanes>();
        else Run<float, SingleLanes>();
    }

    private void Run<T, TLanes>()
        where T : unmanaged
        where TLanes : ILanes<T>
    {
        var (input, output) = (RowLoop.AddressOf(x), RowLoop.AddressOf(y));
        int inputs = (int)x.size(1), columns = (int)y.size(1);
        RowLoop.Run(_updates.Count, _updates.Sum(update => update.Rank * ((long)inputs + update.Outputs)), (first, end) =>
        {
            using var room = new TileMemory();
            float* wide = room.Take<float>(TileRows.Padded(inputs)), inner = room.Take<float>(_updates.Max(update => update.Rank));
            int loaded = -1;
            for (int i = first; i < end; i++)
            {
                var update = _updates[i];
                if (update.Row != loaded) TileRows.Load<T, TLanes>((T*)input + (nint)update.Row * inputs, inputs, wide, TileRows.Padded(inputs));
                loaded = update.Row;
                Shrink(wide, inputs, update, inner);
                Spread<T, TLanes>((T*)output + (nint)update.Row * columns + update.Offset, update, inner);
            }
        });
    }

    // inner = scale A x: four rows of A at a time.
    private static void Shrink(float* wide, int inputs, in Update update, float* inner)
    {
        float* a = (float*)update.A;
        int whole = inputs - inputs % Vector512<float>.Count, k = 0;
        for (; k + 4 <= update.Rank; k += 4, a += 4 * (nint)inputs)
        {
            float* b = a + inputs, c = b + inputs, d = c + inputs;
            Vector512<float> sa = default, sb = default, sc = default, sd = default;
            for (int i = 0; i < whole; i += Vector512<float>.Count)
            {
                var v = Vector512.Load(wide + i);
                sa = Vector512.FusedMultiplyAdd(v, Vector512.Load(a + i), sa);
                sb = Vector512.FusedMultiplyAdd(v, Vector512.Load(b + i), sb);
                sc = Vector512.FusedMultiplyAdd(v, Vector512.Load(c + i), sc);
                sd = Vector512.FusedMultiplyAdd(v, Vector512.Load(d + i), sd);
            }
            inner[k] = update.Scale * (Vector512.Sum(sa) + Tail(a));
            inner[k + 1] = update.Scale * (Vector512.Sum(sb) + Tail(b));
            inner[k + 2] = update.Scale * (Vector512.Sum(sc) + Tail(c));
            inner[k + 3] = update.Scale * (Vector512.Sum(sd) + Tail(d));
        }
        for (; k < update.Rank; k++, a += inputs) inner[k] = update.Scale * TileRows.Dot<float, SingleLanes>(a, wide, inputs);

        float Tail(float* row)
        {
            float sum = 0;
            for (int i = whole; i < inputs; i++) sum += wide[i] * row[i];
            return sum;
        }
    }

    // y += B inner.
    private static void Spread<T, TLanes>(T* to, in Update update, float* inner)
        where T : unmanaged
        where TLanes : ILanes<T>
    {
        float* b = (float*)update.B;
        int rank = update.Rank, o = 0;
        if (Avx.IsSupported && rank % Vector256<float>.Count == 0)
        {
            for (; o + ILanes<T>.Count <= update.Outputs; o += ILanes<T>.Count, b += ILanes<T>.Count * (nint)rank)
            {
                var sums = Vector512.Create(EightSums(b, rank, inner), EightSums(b + 8 * (nint)rank, rank, inner));
                TLanes.Store(TLanes.Load(ref *to, (nuint)o) + sums, ref *to, (nuint)o);
            }
        }
        for (; o < update.Outputs; o++, b += rank)
        {
            float sum = 0;
            for (int k = 0; k < rank; k++) sum += b[k] * inner[k];
            to[o] = TLanes.Narrow(TLanes.Widen(to[o]) + sum);
        }
    }

    // Of eight rows of B; rank is a multiple of eight.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> EightSums(float* b, int rank, float* inner)
    {
        Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
        for (int k = 0; k < rank; k += Vector256<float>.Count)
        {
            float* at = b + k;
            var z = Vector256.Load(inner + k);
            s0 = Vector256.FusedMultiplyAdd(Vector256.Load(at), z, s0);
            s1 = Vector256.FusedMultiplyAdd(Vector256.Load(at += rank), z, s1);
            s2 = Vector256.FusedMultiplyAdd(Vector256.Load(at += rank), z, s2);
            s3 = Vector256.FusedMultiplyAdd(Vector256.Load(at += rank), z, s3);
            s4 = Vector256.FusedMultiplyAdd(Vector256.Load(at += rank), z, s4);
            s5 = Vector256.FusedMultiplyAdd(Vector256.Load(at += rank), z, s5);
            s6 = Vector256.FusedMultiplyAdd(Vector256.Load(at += rank), z, s6);
            s7 = Vector256.FusedMultiplyAdd(Vector256.Load(at + rank), z, s7);
        }
        // Lower and upper halves of four rows each.
        var front = Avx.HorizontalAdd(Avx.HorizontalAdd(s0, s1), Avx.HorizontalAdd(s2, s3));
        var back = Avx.HorizontalAdd(Avx.HorizontalAdd(s4, s5), Avx.HorizontalAdd(s6, s7));
        return Vector256.Create(front.GetLower() + front.GetUpper(), back.GetLower() + back.GetUpper());
    }

    private readonly record struct Update(int Row, int Offset, nint A, nint B, int Rank, int Outputs, float Scale);
}

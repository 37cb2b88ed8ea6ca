using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace Studio.Core.Tensors.Kernels;

/// <summary>
/// y = x W^T + b for the few rows of a decode pass, which takes as long as reading W: every weight is read once, from where it lies, and asked for some lines ahead, because the
/// processor's own prefetching ends with every page. Up to four rows, and everywhere without the processor's matrix unit, on vectors; beyond that on the unit, for
/// which the weights need not be packed, because they are the left factor of y^T = W x^T. A row's result does not depend on how many others there are, except that the two ways
/// differ in its last bits. Sums in fp32.
/// </summary>
internal static unsafe class FewRowsProduct
{
    // Most rows that are faster this way than through torch (measured on CPU): with the matrix unit, which does sixteen as fast as one, and with vectors.
    private const int MostRowsOfUnit = 16, MostRowsOfVectors = 8;

    // Below this the vectors' work hides behind the reading.
    private const int LeastRowsOfUnit = 5;

    private const int LeastBytesAhead = 4096;

    /// <summary>Whether it is the way to go.</summary>
    /// <param name="x">[rows, in].</param>
    /// <param name="w">[out, in].</param>
    public static bool Suits(Tensor x, Tensor w) => IsFew(x, MostRowsOfUnit) && RowLoop.Suits(x, w)
        && (x.size(0) <= MostRowsOfVectors || SuitsUnit(x, w));

    /// <summary>Writes y.</summary>
    /// <param name="x">[rows, in]; <see cref="Suits"/> holds.</param>
    /// <param name="w">[out, in].</param>
    /// <param name="bias">[out] of the same type, or null.</param>
    /// <param name="y">[rows, out] of the same type; may be columns of a wider tensor.</param>
    public static void Run(Tensor x, Tensor w, Tensor? bias, Tensor y)
    {
        if (SuitsUnit(x, w)) RunOnUnit(x, w, bias, y);
        else if (x.dtype == ScalarType.BFloat16) RunOnVectors<ushort, BFloat16Lanes, ushort, BFloat16Lanes>(x, w, null, bias, y);
        else RunOnVectors<float, SingleLanes, float, SingleLanes>(x, w, null, bias, y);
    }

    /// <summary>Whether <see cref="RunScaled"/> can work on x [rows, in].</summary>
    public static bool SuitsScaled(Tensor x) => IsFew(x, MostRowsOfVectors) && RowLoop.Suits(x);

    /// <summary>y = x (w * scales)^T + b.</summary>
    /// <param name="x">[rows, in].</param>
    /// <param name="w">[out, in] int8.</param>
    /// <param name="scales">[out] of x's type.</param>
    /// <param name="bias">[out] of x's type, or null.</param>
    /// <param name="y">[rows, out] of x's type.</param>
    public static void RunScaled(Tensor x, Tensor w, Tensor scales, Tensor? bias, Tensor y)
    {
        if (x.dtype == ScalarType.BFloat16) RunOnVectors<ushort, BFloat16Lanes, sbyte, SignedByteLanes>(x, w, scales, bias, y);
        else RunOnVectors<float, SingleLanes, sbyte, SignedByteLanes>(x, w, scales, bias, y);
    }

    private static bool IsFew(Tensor x, int most) => Vector512.IsHardwareAccelerated && x.size(0) > 0 && x.size(0) <= most && !(x.requires_grad && is_grad_enabled());

    private static bool SuitsUnit(Tensor x, Tensor w) => MatrixUnit.Exists && w.dtype == ScalarType.BFloat16
        && x.size(0) >= LeastRowsOfUnit && w.size(0) >= UnitJob.Outputs && w.size(1) % UnitJob.InputStep == 0;

    private static void RunOnUnit(Tensor x, Tensor w, Tensor? bias, Tensor y)
    {
        int rows = (int)x.size(0), inputs = (int)w.size(1), outputs = (int)w.size(0);
        using var room = new TileMemory();
        ushort* packed = room.Take<ushort>((long)UnitJob.Rows * inputs);
        UnitJob.Pack((ushort*)RowLoop.AddressOf(x), rows, inputs, packed);
        var job = new UnitJob((ushort*)RowLoop.AddressOf(w), bias is null ? null : (ushort*)RowLoop.AddressOf(bias), (ushort*)RowLoop.AddressOfRows(y), y.stride(0), packed, rows, inputs, outputs);
        RowLoop.Run((outputs + UnitJob.Outputs - 1) / UnitJob.Outputs, (long)inputs * outputs, job.Run);
    }

    private static void RunOnVectors<T, TLanes, TWeight, TWeightLanes>(Tensor x, Tensor w, Tensor? scales, Tensor? bias, Tensor y)
        where T : unmanaged
        where TLanes : ILanes<T>
        where TWeight : unmanaged
        where TWeightLanes : IReadLanes<TWeight>
    {
        int rows = (int)x.size(0), inputs = (int)w.size(1), outputs = (int)w.size(0);
        using var room = new TileMemory();
        float* wide = room.Take<float>((long)rows * inputs);
        for (int row = 0; row < rows; row++) TileRows.Load<T, TLanes>((T*)RowLoop.AddressOf(x) + (nint)row * inputs, inputs, wide + (nint)row * inputs, inputs);
        T* scale = scales is null ? null : (T*)RowLoop.AddressOf(scales), added = bias is null ? null : (T*)RowLoop.AddressOf(bias);
        var job = new VectorJob<T, TLanes, TWeight, TWeightLanes>((TWeight*)RowLoop.AddressOf(w), scale, added, (T*)RowLoop.AddressOfRows(y), y.stride(0), wide, rows, inputs);
        RowLoop.Run(outputs, (long)inputs * outputs, job.Run);
    }

    // y^T = W x^T: the unit takes W as it lies, and x, turned over, in pairs of rows.
    private sealed class UnitJob(ushort* w, ushort* bias, ushort* y, long stride, ushort* x, int rows, int inputs, int outputs)
    {
        /// <summary>Outputs at a time.</summary>
        public const int Outputs = 16;

        /// <summary>Rows of x, with zeros for those that are not there.</summary>
        public const int Rows = 16;

        /// <summary>What the inputs are a multiple of.</summary>
        public const int InputStep = 32;

        private const int Line = 64;

        /// <summary>Turns x over as 32-bit pairs of neighbouring inputs.</summary>
        public static void Pack(ushort* x, int rows, int inputs, ushort* to)
        {
            using var room = new TileMemory();
            ushort* all = room.Take<ushort>((long)Rows * inputs);
            new Span<ushort>(x, rows * inputs).CopyTo(new Span<ushort>(all, rows * inputs));
            new Span<ushort>(all + rows * inputs, (Rows - rows) * inputs).Clear();
            TileRows.Turn((float*)all, Rows, inputs / 2, (float*)to);
        }

        public void Run(int from, int to)
        {
            SignalStack.Ensure();
            using var room = new TileMemory();
            float* sums = room.Take<float>(Outputs * Rows), turned = room.Take<float>(Outputs * Rows);
            for (int block = from; block < to; block++)
            {
                int first = First(block);
                Ask(first);
                new Span<float>(sums, Outputs * Rows).Clear();
                MatrixUnit.Multiply(Outputs, Rows, inputs, w + (nint)first * inputs, inputs, x, sums, Rows);
                TileRows.Turn(sums, Outputs, Rows, turned);
                for (int row = 0; row < rows; row++) Put(turned + row * Outputs, y + row * stride + first, bias + (bias is null ? 0 : first));
            }
            MatrixUnit.Release();
        }

        // The last block begins earlier where it would go beyond the end: its first outputs are computed twice.
        private int First(int block) => Math.Min(block * Outputs, outputs - Outputs);

        // All lines at once: the unit itself asks for too few at a time.
        private void Ask(int first)
        {
            if (!Sse.IsSupported) return;
            byte* start = (byte*)(w + (nint)first * inputs), end = start + (nint)Outputs * inputs * sizeof(ushort);
            for (; start < end; start += Line) Sse.Prefetch0(start);
        }

        private static void Put(float* sums, ushort* to, ushort* bias)
        {
            for (int i = 0; i < Outputs; i += ILanes<ushort>.Count)
            {
                var sum = Vector512.Load(sums + i);
                if (bias is not null) sum += BFloat16Lanes.Load(ref *bias, (nuint)i);
                BFloat16Lanes.Store(sum, ref *to, (nuint)i);
            }
        }
    }

    // Rows of W in groups: the sums of a group are in registers, and each of them is made in the same order in every one of the three ways.
    private sealed class VectorJob<T, TLanes, TWeight, TWeightLanes>(TWeight* w, T* scales, T* bias, T* y, long stride, float* x, int rows, int inputs)
        where T : unmanaged
        where TLanes : ILanes<T>
        where TWeight : unmanaged
        where TWeightLanes : IReadLanes<TWeight>
    {
        private const int Lanes = ILanes<T>.Count;

        private readonly int _whole = inputs - inputs % Lanes;
        // To the same place of a later group.
        private readonly int _ahead = Ahead((rows == 1 ? 4 : 2) * inputs * sizeof(TWeight));

        public void Run(int from, int to)
        {
            int output = from;
            if (rows == 1) for (; output + 4 <= to; output += 4) FourOutputs(output);
            else if (rows <= 4) for (; output + 2 <= to; output += 2) TwoOutputsOfFourRows(output);
            else for (; output + 2 <= to; output += 2) TwoOutputsOfEightRows(output);
            for (; output < to; output++) OneOutput(output);
        }

        private void FourOutputs(int output)
        {
            TWeight* a = w + (nint)output * inputs, b = a + inputs, c = b + inputs, d = c + inputs;
            Vector512<float> sa = default, sb = default, sc = default, sd = default;
            for (int i = 0; i < _whole; i += Lanes)
            {
                var v = Vector512.Load(x + i);
                sa = Vector512.FusedMultiplyAdd(Weights(a + i), v, sa);
                sb = Vector512.FusedMultiplyAdd(Weights(b + i), v, sb);
                sc = Vector512.FusedMultiplyAdd(Weights(c + i), v, sc);
                sd = Vector512.FusedMultiplyAdd(Weights(d + i), v, sd);
            }
            Finish(sa, 0, output);
            Finish(sb, 0, output + 1);
            Finish(sc, 0, output + 2);
            Finish(sd, 0, output + 3);
        }

        private void TwoOutputsOfFourRows(int output)
        {
            TWeight* a = w + (nint)output * inputs, b = a + inputs;
            float* x1 = Row(1), x2 = Row(2), x3 = Row(3);
            FourSums sa = default, sb = default;
            for (int i = 0; i < _whole; i += Lanes)
            {
                Vector512<float> wa = Weights(a + i), wb = Weights(b + i);
                Vector512<float> v0 = Vector512.Load(x + i), v1 = Vector512.Load(x1 + i), v2 = Vector512.Load(x2 + i), v3 = Vector512.Load(x3 + i);
                sa.Add(wa, v0, v1, v2, v3);
                sb.Add(wb, v0, v1, v2, v3);
            }
            Finish(sa, 0, output);
            Finish(sb, 0, output + 1);
        }

        private void TwoOutputsOfEightRows(int output)
        {
            TWeight* a = w + (nint)output * inputs, b = a + inputs;
            float* x1 = Row(1), x2 = Row(2), x3 = Row(3), x4 = Row(4), x5 = Row(5), x6 = Row(6), x7 = Row(7);
            FourSums sa = default, sb = default, ta = default, tb = default;
            for (int i = 0; i < _whole; i += Lanes)
            {
                Vector512<float> wa = Weights(a + i), wb = Weights(b + i);
                Vector512<float> v0 = Vector512.Load(x + i), v1 = Vector512.Load(x1 + i), v2 = Vector512.Load(x2 + i), v3 = Vector512.Load(x3 + i);
                sa.Add(wa, v0, v1, v2, v3);
                sb.Add(wb, v0, v1, v2, v3);
                (v0, v1, v2, v3) = (Vector512.Load(x4 + i), Vector512.Load(x5 + i), Vector512.Load(x6 + i), Vector512.Load(x7 + i));
                ta.Add(wa, v0, v1, v2, v3);
                tb.Add(wb, v0, v1, v2, v3);
            }
            Finish(sa, 0, output);
            Finish(ta, 4, output);
            Finish(sb, 0, output + 1);
            Finish(tb, 4, output + 1);
        }

        private void OneOutput(int output)
        {
            TWeight* a = w + (nint)output * inputs;
            for (int row = 0; row < rows; row++)
            {
                float* own = Row(row);
                var sum = Vector512<float>.Zero;
                for (int i = 0; i < _whole; i += Lanes) sum = Vector512.FusedMultiplyAdd(Weights(a + i), Vector512.Load(own + i), sum);
                Finish(sum, row, output);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private Vector512<float> Weights(TWeight* at)
        {
            // Into the second cache: the first one holds x.
            if (Sse.IsSupported) Sse.Prefetch1((byte*)at + _ahead);
            return TWeightLanes.Load(ref *at, 0);
        }

        private static int Ahead(int group) => (LeastBytesAhead + group - 1) / group * group;

        // Rows that are not there are the first once more.
        private float* Row(int row) => x + (row < rows ? (nint)row * inputs : 0);

        private void Finish(in FourSums sums, int row, int output)
        {
            Finish(sums.First, row, output);
            if (row + 1 < rows) Finish(sums.Second, row + 1, output);
            if (row + 2 < rows) Finish(sums.Third, row + 2, output);
            if (row + 3 < rows) Finish(sums.Fourth, row + 3, output);
        }

        private void Finish(Vector512<float> sums, int row, int output)
        {
            float sum = Vector512.Sum(sums);
            TWeight* weights = w + (nint)output * inputs;
            float* own = Row(row);
            for (int i = _whole; i < inputs; i++) sum += TWeightLanes.Widen(weights[i]) * own[i];
            if (scales is not null) sum *= TLanes.Widen(scales[output]);
            if (bias is not null) sum += TLanes.Widen(bias[output]);
            y[row * stride + output] = TLanes.Narrow(sum);
        }
    }

    // One output of four rows, in registers.
    private struct FourSums
    {
        public Vector512<float> First, Second, Third, Fourth;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector512<float> weights, Vector512<float> v0, Vector512<float> v1, Vector512<float> v2, Vector512<float> v3)
        {
            First = Vector512.FusedMultiplyAdd(weights, v0, First);
            Second = Vector512.FusedMultiplyAdd(weights, v1, Second);
            Third = Vector512.FusedMultiplyAdd(weights, v2, Third);
            Fourth = Vector512.FusedMultiplyAdd(weights, v3, Fourth);
        }
    }
}

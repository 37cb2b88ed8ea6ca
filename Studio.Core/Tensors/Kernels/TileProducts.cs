using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Studio.Core.Tensors.Kernels;

/// <summary>
/// Products of small matrices that lie in the cache, summed in fp32, and how their factors are packed. A left factor lies row by row. A right one has at most
/// <see cref="MostColumns"/> columns without gaps, and its rows come in pairs.
/// </summary>
/// <typeparam name="T">The type of packed elements.</typeparam>
internal unsafe interface ITileProducts<T>
    where T : unmanaged
{
    /// <summary>Columns of a right factor.</summary>
    const int MostColumns = 64;

    /// <summary>Sixteen elements of a left factor.</summary>
    static abstract void PutLeft(Vector512<float> values, T* to);

    /// <summary>Sixteen columns of two neighbouring rows of a right factor.</summary>
    /// <param name="even">Of row 2 <paramref name="pair"/>.</param>
    /// <param name="odd">Of the row after it.</param>
    /// <param name="to">The factor.</param>
    /// <param name="pair">Which pair of rows.</param>
    /// <param name="columns">Columns of the factor.</param>
    /// <param name="column">The first of the sixteen.</param>
    static abstract void PutRight(Vector512<float> even, Vector512<float> odd, T* to, int pair, int columns, int column);

    /// <summary>result += left right.</summary>
    /// <param name="rows">Rows of left and result, a multiple of 4.</param>
    /// <param name="columns">Columns of right and result, a multiple of 16.</param>
    /// <param name="inner">Columns of left, rows of right; even.</param>
    /// <param name="left">Left factor.</param>
    /// <param name="leftStride">Elements from row to row.</param>
    /// <param name="right">Right factor.</param>
    /// <param name="result">fp32.</param>
    /// <param name="resultStride">Elements from row to row.</param>
    static abstract void Multiply(int rows, int columns, int inner, T* left, int leftStride, T* right, float* result, int resultStride);

    /// <summary>To be called by a thread that will multiply no more for now.</summary>
    static abstract void Release();
}

/// <summary>fp32 factors and vector instructions.</summary>
internal readonly unsafe struct SingleTiles : ITileProducts<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutLeft(Vector512<float> values, float* to) => values.Store(to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutRight(Vector512<float> even, Vector512<float> odd, float* to, int pair, int columns, int column)
    {
        to += 2 * pair * columns + column;
        even.Store(to);
        odd.Store(to + columns);
    }

    public static void Multiply(int rows, int columns, int inner, float* left, int leftStride, float* right, float* result, int resultStride)
    {
        for (int row = 0; row < rows; row += 4, left += 4 * leftStride, result += 4 * resultStride)
        {
            if (columns == 64) FourByFour(inner, left, leftStride, right, result, resultStride);
            else for (int column = 0; column < columns; column += 16) FourByOne(inner, left, leftStride, right + column, columns, result + column, resultStride);
        }
    }

    public static void Release()
    {
    }

    // Four rows by four vectors: sixteen sums in registers hide the latency of the multiplications.
    private static void FourByFour(int inner, float* left, int leftStride, float* right, float* result, int resultStride)
    {
        float* second = left + leftStride, third = second + leftStride, fourth = third + leftStride;
        Vector512<float> s00 = default, s01 = default, s02 = default, s03 = default, s10 = default, s11 = default, s12 = default, s13 = default;
        Vector512<float> s20 = default, s21 = default, s22 = default, s23 = default, s30 = default, s31 = default, s32 = default, s33 = default;
        for (int k = 0; k < inner; k++, right += 64)
        {
            Vector512<float> b0 = Vector512.Load(right), b1 = Vector512.Load(right + 16), b2 = Vector512.Load(right + 32), b3 = Vector512.Load(right + 48);
            var a = Vector512.Create(left[k]);
            s00 = Vector512.FusedMultiplyAdd(a, b0, s00);
            s01 = Vector512.FusedMultiplyAdd(a, b1, s01);
            s02 = Vector512.FusedMultiplyAdd(a, b2, s02);
            s03 = Vector512.FusedMultiplyAdd(a, b3, s03);
            a = Vector512.Create(second[k]);
            s10 = Vector512.FusedMultiplyAdd(a, b0, s10);
            s11 = Vector512.FusedMultiplyAdd(a, b1, s11);
            s12 = Vector512.FusedMultiplyAdd(a, b2, s12);
            s13 = Vector512.FusedMultiplyAdd(a, b3, s13);
            a = Vector512.Create(third[k]);
            s20 = Vector512.FusedMultiplyAdd(a, b0, s20);
            s21 = Vector512.FusedMultiplyAdd(a, b1, s21);
            s22 = Vector512.FusedMultiplyAdd(a, b2, s22);
            s23 = Vector512.FusedMultiplyAdd(a, b3, s23);
            a = Vector512.Create(fourth[k]);
            s30 = Vector512.FusedMultiplyAdd(a, b0, s30);
            s31 = Vector512.FusedMultiplyAdd(a, b1, s31);
            s32 = Vector512.FusedMultiplyAdd(a, b2, s32);
            s33 = Vector512.FusedMultiplyAdd(a, b3, s33);
        }
        Add(s00, s01, s02, s03, result);
        Add(s10, s11, s12, s13, result + resultStride);
        Add(s20, s21, s22, s23, result + 2 * resultStride);
        Add(s30, s31, s32, s33, result + 3 * resultStride);
    }

    private static void FourByOne(int inner, float* left, int leftStride, float* right, int rightStride, float* result, int resultStride)
    {
        float* second = left + leftStride, third = second + leftStride, fourth = third + leftStride;
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (int k = 0; k < inner; k++, right += rightStride)
        {
            var b = Vector512.Load(right);
            s0 = Vector512.FusedMultiplyAdd(Vector512.Create(left[k]), b, s0);
            s1 = Vector512.FusedMultiplyAdd(Vector512.Create(second[k]), b, s1);
            s2 = Vector512.FusedMultiplyAdd(Vector512.Create(third[k]), b, s2);
            s3 = Vector512.FusedMultiplyAdd(Vector512.Create(fourth[k]), b, s3);
        }
        Add(s0, result);
        Add(s1, result + resultStride);
        Add(s2, result + 2 * resultStride);
        Add(s3, result + 3 * resultStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector512<float> s0, Vector512<float> s1, Vector512<float> s2, Vector512<float> s3, float* to)
    {
        Add(s0, to);
        Add(s1, to + 16);
        Add(s2, to + 32);
        Add(s3, to + 48);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(Vector512<float> sum, float* to) => (sum + Vector512.Load(to)).Store(to);
}

/// <summary>bf16 factors and the processor's matrix unit, by way of libtorch's own product of small matrices.</summary>
internal readonly unsafe struct MatrixUnitTiles : ITileProducts<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutLeft(Vector512<float> values, ushort* to) => BFloat16Lanes.Store(values, ref *to, 0);

    // Two rows as one of 32-bit pairs: how the unit wants it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PutRight(Vector512<float> even, Vector512<float> odd, ushort* to, int pair, int columns, int column) =>
        ((BFloat16Lanes.Rounded(even) >> 16) | (BFloat16Lanes.Rounded(odd) & Vector512.Create(0xFFFF_0000u))).Store((uint*)to + pair * columns + column);

    public static void Multiply(int rows, int columns, int inner, ushort* left, int leftStride, ushort* right, float* result, int resultStride) =>
        MatrixUnit.Multiply(rows, columns, inner, left, leftStride, right, result, resultStride);

    public static void Release() => MatrixUnit.Release();
}

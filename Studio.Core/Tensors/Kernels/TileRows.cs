using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Studio.Core.Tensors.Kernels;

/// <summary>Rows of heads into fp32 tiles and back, and tiles into packed factors.</summary>
internal static unsafe class TileRows
{
    /// <summary>Rows and columns of a square tile.</summary>
    public const int Side = 64;

    /// <summary>Numbers that fill whole vectors.</summary>
    public static int Padded(int count) => (count + Vector512<float>.Count - 1) / Vector512<float>.Count * Vector512<float>.Count;

    /// <summary>The sum of products of elements and fp32 numbers.</summary>
    /// <param name="a">The first element.</param>
    /// <param name="b">The first number.</param>
    /// <param name="count">How many of each.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot<T, TLanes>(T* a, float* b, int count)
        where T : unmanaged
        where TLanes : IReadLanes<T>
    {
        int whole = count - count % Vector512<float>.Count;
        var sums = Vector512<float>.Zero;
        for (int i = 0; i < whole; i += Vector512<float>.Count) sums = Vector512.FusedMultiplyAdd(TLanes.Load(ref *a, (nuint)i), Vector512.Load(b + i), sums);
        float sum = Vector512.Sum(sums);
        for (int i = whole; i < count; i++) sum += TLanes.Widen(a[i]) * b[i];
        return sum;
    }

    /// <summary>Elements to fp32, then zeros.</summary>
    /// <param name="from">The first element.</param>
    /// <param name="width">Elements.</param>
    /// <param name="to">Where to.</param>
    /// <param name="padded">Numbers to write, a multiple of 16.</param>
    public static void Load<T, TLanes>(T* from, int width, float* to, int padded)
        where T : unmanaged
        where TLanes : ILanes<T>
    {
        int whole = width - width % ILanes<T>.Count;
        for (int i = 0; i < whole; i += ILanes<T>.Count) TLanes.Load(ref *from, (nuint)i).Store(to + i);
        for (int i = whole; i < width; i++) to[i] = TLanes.Widen(from[i]);
        for (int i = width; i < padded; i++) to[i] = 0;
    }

    /// <summary>fp32 to elements.</summary>
    public static void Store<T, TLanes>(float* from, int width, T* to)
        where T : unmanaged
        where TLanes : ILanes<T>
    {
        int whole = width - width % ILanes<T>.Count;
        for (int i = 0; i < whole; i += ILanes<T>.Count) TLanes.Store(Vector512.Load(from + i), ref *to, (nuint)i);
        for (int i = whole; i < width; i++) to[i] = TLanes.Narrow(from[i]);
    }

    /// <summary>to [columns, rows] = from [rows, columns] turned over; both multiples of 16.</summary>
    public static void Turn(float* from, int rows, int columns, float* to)
    {
        for (int row = 0; row < rows; row += 4)
        {
            if (Avx512F.IsSupported)
            {
                for (int column = 0; column < columns; column += 16) TurnSixteen(from + row * columns + column, columns, to + column * rows + row, rows);
                continue;
            }
            for (int column = 0; column < columns; column++)
            {
                float* source = from + row * columns + column;
                Vector128.Create(source[0], source[columns], source[2 * columns], source[3 * columns]).Store(to + column * rows + row);
            }
        }
    }

    // Four rows of sixteen numbers: every fourth column at a time.
    private static void TurnSixteen(float* from, int columns, float* to, int rows)
    {
        Vector512<float> a = Vector512.Load(from), b = Vector512.Load(from + columns), c = Vector512.Load(from + 2 * columns), d = Vector512.Load(from + 3 * columns);
        var (lowAb, highAb) = (Avx512F.UnpackLow(a, b).AsDouble(), Avx512F.UnpackHigh(a, b).AsDouble());
        var (lowCd, highCd) = (Avx512F.UnpackLow(c, d).AsDouble(), Avx512F.UnpackHigh(c, d).AsDouble());
        StoreEveryFourth(Avx512F.UnpackLow(lowAb, lowCd).AsSingle(), to, rows);
        StoreEveryFourth(Avx512F.UnpackHigh(lowAb, lowCd).AsSingle(), to + rows, rows);
        StoreEveryFourth(Avx512F.UnpackLow(highAb, highCd).AsSingle(), to + 2 * rows, rows);
        StoreEveryFourth(Avx512F.UnpackHigh(highAb, highCd).AsSingle(), to + 3 * rows, rows);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreEveryFourth(Vector512<float> column, float* to, int rows)
    {
        Avx512F.ExtractVector128(column, 0).Store(to);
        Avx512F.ExtractVector128(column, 1).Store(to + 4 * rows);
        Avx512F.ExtractVector128(column, 2).Store(to + 8 * rows);
        Avx512F.ExtractVector128(column, 3).Store(to + 12 * rows);
    }

    /// <summary>A tile [rows, columns] as a left factor.</summary>
    public static void PackLeft<T, TProducts>(float* from, int rows, int columns, T* to)
        where T : unmanaged
        where TProducts : ITileProducts<T>
    {
        for (int i = 0; i < rows * columns; i += Vector512<float>.Count) TProducts.PutLeft(Vector512.Load(from + i), to + i);
    }

    /// <summary>A tile [rows, columns] as right factors of at most <see cref="ITileProducts{T}.MostColumns"/> columns, one after the other.</summary>
    public static void PackRight<T, TProducts>(float* from, int rows, int columns, T* to)
        where T : unmanaged
        where TProducts : ITileProducts<T>
    {
        for (int block = 0; block < columns; block += ITileProducts<T>.MostColumns, to += rows * ITileProducts<T>.MostColumns)
        {
            int width = Math.Min(ITileProducts<T>.MostColumns, columns - block);
            for (int pair = 0; pair < rows / 2; pair++)
                for (int column = 0; column < width; column += Vector512<float>.Count)
                {
                    float* even = from + 2 * pair * columns + block + column;
                    TProducts.PutRight(Vector512.Load(even), Vector512.Load(even + columns), to, pair, width, column);
                }
        }
    }

    /// <summary>result [rows, columns] += left right for a right factor that <see cref="PackRight"/> made of <see cref="Side"/> rows.</summary>
    public static void AddProduct<T, TProducts>(int rows, int columns, T* left, T* right, float* result)
        where T : unmanaged
        where TProducts : ITileProducts<T>
    {
        for (int block = 0; block < columns; block += ITileProducts<T>.MostColumns)
            TProducts.Multiply(rows, Math.Min(ITileProducts<T>.MostColumns, columns - block), Side, left, Side, right + block * Side, result + block, columns);
    }
}

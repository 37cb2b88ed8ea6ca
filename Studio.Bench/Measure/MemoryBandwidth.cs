using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Studio.Bench.Measure;

/// <summary>Bytes a second that all cores together read from memory, at best: what a decode step of one row is bound by.</summary>
internal static class MemoryBandwidth
{
    private const int Elements = 1 << 26; // 512 MiB of doubles: far beyond any cache

    /// <summary>The best of some rounds of summing a large array.</summary>
    public static double Measure(int rounds = 5)
    {
        double[] data = GC.AllocateUninitializedArray<double>(Elements);
        Array.Fill(data, 1);
        int cores = Environment.ProcessorCount, part = Elements / cores;
        double best = 0;
        for (int round = 0; round < rounds; round++)
        {
            var sums = new double[cores];
            long start = Stopwatch.GetTimestamp();
            Parallel.For(0, cores, core => sums[core] = Sum(data.AsSpan(core * part, part)));
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (sums.Sum() != (double)part * cores) throw new InvalidOperationException("The sum is wrong.");
            best = Math.Max(best, (double)part * cores * sizeof(double) / seconds);
        }
        return best;
    }

    // Four sums: one would wait for itself.
    private static double Sum(ReadOnlySpan<double> data)
    {
        var vectors = MemoryMarshal.Cast<double, Vector<double>>(data);
        var (a, b, c, d) = (Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero, Vector<double>.Zero);
        int i = 0;
        for (; i + 4 <= vectors.Length; i += 4)
        {
            a += vectors[i];
            b += vectors[i + 1];
            c += vectors[i + 2];
            d += vectors[i + 3];
        }
        for (; i < vectors.Length; i++) a += vectors[i];
        double sum = Vector.Sum(a + b + c + d);
        for (int rest = vectors.Length * Vector<double>.Count; rest < data.Length; rest++) sum += data[rest];
        return sum;
    }
}

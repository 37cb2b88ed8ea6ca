using System.Numerics;
using System.Security.Cryptography;

namespace Studio.Core.Data;

/// <summary>The state of a <see cref="RandomSource"/>, to be saved and restored.</summary>
public readonly record struct RandomState(ulong S0, ulong S1, ulong S2, ulong S3);

/// <summary>
/// A random generator that a run owns and its checkpoint saves: xoshiro256** 1.0 seeded by SplitMix64 (Blackman and Vigna,
/// https://prng.di.unimi.it/). The same on every platform and in every version. Not for concurrent use, not for secrets.
/// </summary>
public sealed class RandomSource
{
    private ulong _s0, _s1, _s2, _s3;

    /// <summary>Starts from a seed.</summary>
    public RandomSource(ulong seed)
    {
        _s0 = SplitMix(ref seed);
        _s1 = SplitMix(ref seed);
        _s2 = SplitMix(ref seed);
        _s3 = SplitMix(ref seed);
    }

    /// <summary>Continues from a saved state.</summary>
    /// <exception cref="ArgumentException">All of the state is zero, from where the generator cannot leave.</exception>
    public RandomSource(RandomState state)
    {
        if (state == default) throw new ArgumentException("A generator state of zeros is not valid.", nameof(state));
        (_s0, _s1, _s2, _s3) = (state.S0, state.S1, state.S2, state.S3);
    }

    /// <summary>A seed that nobody can foresee, for a source whose user asked for none.</summary>
    public static ulong NewSeed() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>The state now.</summary>
    public RandomState State => new(_s0, _s1, _s2, _s3);

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        var t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A number from 0 up to but not including a bound, each equally likely (Lemire 2019, https://arxiv.org/abs/1805.10941).</summary>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        var high = Math.BigMul(NextUInt64(), (ulong)bound, out var low);
        var threshold = (0 - (ulong)bound) % (ulong)bound;
        while (low < threshold) high = Math.BigMul(NextUInt64(), (ulong)bound, out low);
        return (int)high;
    }

    /// <summary>A number from 0 up to but not including 1, a multiple of 2^-53.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Puts values in random order (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    private static ulong SplitMix(ref ulong state)
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

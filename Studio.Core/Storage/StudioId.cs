using System.Buffers;
using System.Security.Cryptography;

namespace Studio.Core.Storage;

/// <summary>
/// Ids of records: 16 characters of Crockford's base 32 in lower case (safe in URLs and file names on every system).
/// 45 bits of Unix milliseconds come first, then 35 random bits, so that ordinal order is order of creation.
/// </summary>
public static class StudioId
{
    /// <summary>Characters of an id.</summary>
    public const int Length = 16;

    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int RandomBits = 35;

    private static readonly SearchValues<char> Characters = SearchValues.Create(Alphabet);
    private static readonly Lock Gate = new();
    private static UInt128 last;

    /// <summary>A new id, greater than every id this process has made before.</summary>
    public static string New()
    {
        UInt128 value;
        lock (Gate)
        {
            value = ((UInt128)(ulong)DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() << RandomBits) | NextRandom();

            // Within one millisecond, or when the clock steps back, order is kept by counting on.
            if (value <= last)
            {
                value = last + 1;
            }

            last = value;
        }

        return string.Create(Length, value, static (text, bits) =>
        {
            for (var i = text.Length - 1; i >= 0; i--)
            {
                text[i] = Alphabet[(int)(uint)(bits & 31)];
                bits >>= 5;
            }
        });
    }

    /// <summary>True when <paramref name="text"/> has the form of an id; use it before an id from outside becomes part of a path.</summary>
    public static bool IsWellFormed(string? text) =>
        text is { Length: Length } && text.AsSpan().IndexOfAnyExcept(Characters) < 0;

    private static ulong NextRandom()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes) >> (64 - RandomBits);
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Studio.Core.Text.Tokenization;

/// <summary>
/// SentencePiece's compiled normalization rules: a double-array trie (darts-clone) over UTF-8 from what is replaced to an offset into a text of
/// replacements, each ended by a zero byte. Follows the <c>spm_precompiled</c> crate, its quirks included: short grapheme clusters are looked
/// up as a whole, and the shortest rule that fits the start of a cluster replaces all of it.
/// </summary>
internal sealed class PrecompiledCharacterMap
{
    private const int LongestCluster = 5; // bytes

    private readonly uint[] _units;
    private readonly byte[] _replacements;

    /// <param name="blob">The rules: the size of the trie in bytes (32 bits), the trie, the replacements.</param>
    /// <param name="path">What messages call it.</param>
    /// <exception cref="InvalidDataException">The rules are damaged.</exception>
    public PrecompiledCharacterMap(ReadOnlySpan<byte> blob, string path)
    {
        if (blob.Length < 4) throw new InvalidDataException($"{path}: found {blob.Length} bytes, wanted at least 4.");
        var size = BinaryPrimitives.ReadUInt32LittleEndian(blob);
        if (size > blob.Length - 4 || size % 4 != 0 || size == 0)
            throw new InvalidDataException($"{path}: found a trie of {size} bytes in {blob.Length} bytes, wanted a multiple of 4 that fits.");
        _units = new uint[size / 4];
        for (var i = 0; i < _units.Length; i++) _units[i] = BinaryPrimitives.ReadUInt32LittleEndian(blob[(4 + 4 * i)..]);
        _replacements = blob[(4 + (int)size)..].ToArray();
        if (!Utf8.IsValid(_replacements)) throw new InvalidDataException($"{path}: the replacements are not valid UTF-8.");
    }

    /// <summary>Reads the base64 text of tokenizer.json.</summary>
    public static PrecompiledCharacterMap Read(JsonNode node)
    {
        var text = node.Text();
        var blob = new byte[text.Length / 4 * 3 + 3];
        if (!Convert.TryFromBase64String(text, blob, out var count)) throw node.Invalid("base64");
        return new PrecompiledCharacterMap(blob.AsSpan(0, count), node.Path);
    }

    public NormalizedText Apply(NormalizedText text, int limit)
    {
        var source = text.Text;
        var result = new StringBuilder(source.Length);
        var fromStart = 0;
        Span<byte> utf8 = stackalloc byte[3 * LongestCluster];
        for (int at = 0, length; at < source.Length; at += length)
        {
            length = ClusterLength(source, at);
            if (length <= LongestCluster && Encoding.UTF8.TryGetBytes(source.AsSpan(at, length), utf8, out var count) && count <= LongestCluster &&
                Find(utf8[..count]) is { } whole) result.Append(whole);
            else AppendCharacters(source.AsSpan(at, length), result, utf8);
            if (at < text.FromStart) fromStart = result.Length;
            if (result.Length > limit) throw TextNormalizer.TooLong(limit);
        }

        return text with { Text = result.ToString(), FromStart = fromStart };
    }

    private void AppendCharacters(ReadOnlySpan<char> cluster, StringBuilder result, Span<byte> utf8)
    {
        foreach (var rune in cluster.EnumerateRunes())
        {
            var count = rune.EncodeToUtf8(utf8);
            if (Find(utf8[..count]) is { } replacement) result.Append(replacement);
            else result.Append(rune.ToString());
        }
    }

    private static int ClusterLength(string text, int at)
    {
        // Between two ASCII characters there is always a boundary, but for CR LF.
        if (text[at] < 0x80 && text[at] != '\r' && (at + 1 == text.Length || text[at + 1] < 0x80)) return 1;
        return StringInfo.GetNextTextElementLength(text, at);
    }

    /// <summary>The replacement of the shortest rule that fits the start of a key, or null.</summary>
    private string? Find(ReadOnlySpan<byte> key)
    {
        var node = Offset(_units[0]);
        foreach (var value in key)
        {
            if (value == 0) return null;
            node ^= value;
            if (node >= _units.Length || (_units[node] & 0x800000FF) != value) return null;
            var unit = _units[node];
            node ^= Offset(unit);
            if (node >= _units.Length) return null;
            if ((unit >> 8 & 1) == 0) continue;
            var start = (int)(_units[node] & 0x7FFFFFFF);
            if (start >= _replacements.Length) return null;
            var rest = _replacements.AsSpan(start);
            var end = rest.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
        }

        return null;
    }

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & 0x200) >> 6);
}

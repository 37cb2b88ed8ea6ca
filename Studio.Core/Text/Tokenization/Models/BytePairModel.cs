using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Studio.Core.Text.Tokenization;

/// <summary>
/// The BPE model of tokenizer.json, with all its options but dropout: byte-level vocabularies, SentencePiece ones with byte fallback, unknown
/// tokens, subword prefix and end-of-word suffix (<c>models/bpe</c> of the Hugging Face tokenizers library).
/// </summary>
internal sealed class BytePairModel : ITokenModel
{
    private readonly BytePairMerger _merger;
    private readonly LibraryMerges? _library;
    private readonly WordCache _cache = new();
    private readonly Dictionary<int, int> _characters = [];
    private readonly int[]? _bytes;
    private readonly BytePairOptions _options;

    /// <param name="vocabulary">The id of each token.</param>
    /// <param name="merges">The merges by rank; all their tokens and results are in the vocabulary.</param>
    /// <param name="options">The other members.</param>
    public BytePairModel(Dictionary<string, int> vocabulary, IReadOnlyCollection<(int Left, int Right, int Id)> merges, BytePairOptions options)
    {
        Vocabulary = vocabulary;
        _options = options;
        _merger = new BytePairMerger(merges);
        var tokens = new Dictionary<int, string>(vocabulary.Count);
        foreach (var (token, id) in vocabulary)
        {
            tokens[id] = token;
            if (Rune.DecodeFromUtf16(token, out var rune, out var length) == OperationStatus.Done && length == token.Length) _characters[rune.Value] = id;
        }

        Tokens = tokens;
        _library = LibraryMerges.TryCreate(vocabulary, tokens, merges, options);
        if (!options.ByteFallback) return;
        _bytes = new int[256];
        for (var value = 0; value < 256; value++) _bytes[value] = vocabulary.GetValueOrDefault($"<0x{value:X2}>", -1);
    }

    public IReadOnlyDictionary<string, int> Vocabulary { get; }

    public IReadOnlyDictionary<int, string> Tokens { get; }

    public int Count => Vocabulary.Count;

    public void Encode(string word, List<int> ids)
    {
        if (_options.IgnoreMerges && Vocabulary.TryGetValue(word, out var whole))
        {
            ids.Add(whole);
            return;
        }

        if (_cache.TryAppend(word, ids)) return;
        var start = ids.Count;
        if (_library is not null && word.Length <= LibraryMerges.LongestWord && ByteAlphabet.Spells(word)) _library.Encode(word, ids);
        else
        {
            AppendSymbols(word, ids);
            var kept = _merger.Merge(CollectionsMarshal.AsSpan(ids)[start..]);
            CollectionsMarshal.SetCount(ids, start + kept);
        }

        _cache.Add(word, CollectionsMarshal.AsSpan(ids)[start..]);
    }

    private void AppendSymbols(string word, List<int> ids)
    {
        var unknown = -1; // the unknown token that is still to be written: with fuse_unk several characters share one
        for (int at = 0, length; at < word.Length; at += length)
        {
            Rune.DecodeFromUtf16(word.AsSpan(at), out var rune, out length);
            var spelled = Spelled(rune, at == 0, at + length == word.Length);
            if (spelled is null ? _characters.TryGetValue(rune.Value, out var id) : Vocabulary.TryGetValue(spelled, out id))
            {
                if (unknown >= 0) ids.Add(unknown);
                unknown = -1;
                ids.Add(id);
                continue;
            }

            // Like the reference, bytes do not end a pending unknown token.
            if (_bytes is not null && TryAppendBytes(spelled ?? rune.ToString(), ids)) continue;
            if (_options.UnknownToken is not { } token) continue;
            if (unknown >= 0 && !_options.FuseUnknown) ids.Add(unknown);
            if (unknown < 0 && !Vocabulary.TryGetValue(token, out unknown))
                throw new InvalidDataException($"tokenizer.json.model.unk_token: '{Excerpt.Of(token)}' is not in the vocabulary, and the text has the unknown character '{rune}'.");
        }

        if (unknown >= 0) ids.Add(unknown);
    }

    /// <summary>The spelling of a character with prefix or suffix, or null where it is the character itself.</summary>
    private string? Spelled(Rune rune, bool isFirst, bool isLast)
    {
        var prefix = isFirst ? "" : _options.SubwordPrefix;
        var suffix = isLast ? _options.WordSuffix : "";
        return prefix.Length + suffix.Length == 0 ? null : $"{prefix}{rune}{suffix}";
    }

    private bool TryAppendBytes(string text, List<int> ids)
    {
        var start = ids.Count;
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            if (_bytes![value] < 0)
            {
                CollectionsMarshal.SetCount(ids, start);
                return false;
            }

            ids.Add(_bytes[value]);
        }

        return true;
    }
}

using System.Text;

namespace Studio.Core.Text.Tokenization;

/// <summary>
/// The Unigram model of tokenizer.json: the split of a word with the highest sum of scores
/// (<c>encode_optimized</c> in <c>models/unigram</c> of the Hugging Face tokenizers library). Linear in the length of the word.
/// </summary>
internal sealed class UnigramModel : ITokenModel
{
    // SentencePiece's kUnkPenalty: an unknown character costs this much more than the worst token.
    private const double UnknownPenalty = 10;

    private readonly double[] _scores;
    private readonly TokenTrie _trie = new();
    private readonly WordCache _cache = new();
    private readonly int? _unknown;
    private readonly double _unknownScore;
    private readonly int[]? _bytes;

    /// <param name="pieces">The tokens by id with their scores (log probabilities).</param>
    /// <param name="unknown">The id of the token for unknown characters, if any.</param>
    /// <param name="byteFallback">Whether unknown stretches become the tokens of their UTF-8 bytes where the vocabulary has them all.</param>
    public UnigramModel(IReadOnlyList<(string Token, double Score)> pieces, int? unknown, bool byteFallback)
    {
        _scores = [.. pieces.Select(piece => piece.Score)];
        _unknown = unknown;
        _unknownScore = _scores.DefaultIfEmpty(0).Min() - UnknownPenalty;
        var vocabulary = new Dictionary<string, int>(pieces.Count, StringComparer.Ordinal);
        var tokens = new Dictionary<int, string>(pieces.Count);
        for (var id = 0; id < pieces.Count; id++)
        {
            vocabulary[pieces[id].Token] = id; // of equal tokens the last counts
            tokens[id] = pieces[id].Token;
        }

        foreach (var (token, id) in vocabulary) _trie.Add(token, id);
        Vocabulary = vocabulary;
        Tokens = tokens;
        if (byteFallback) _bytes = [.. Enumerable.Range(0, 256).Select(value => vocabulary.GetValueOrDefault($"<0x{value:X2}>", -1))];
    }

    public IReadOnlyDictionary<string, int> Vocabulary { get; }

    public IReadOnlyDictionary<int, string> Tokens { get; }

    public int Count => _scores.Length;

    /// <exception cref="InvalidDataException">A malformed field.</exception>
    public static UnigramModel Read(JsonNode node)
    {
        node.Known("type", "unk_id", "vocab", "byte_fallback");
        var pieces = new List<(string, double)>();
        foreach (var item in node.Required("vocab").Items())
        {
            var pair = item.Items().ToArray();
            if (pair.Length != 2) throw item.Invalid("a token and its score, as [\"a\", -1.5]");
            pieces.Add((pair[0].Text(), pair[1].Number()));
        }

        var unknown = node.Optional("unk_id");
        if (unknown is { } id && id.Id() >= pieces.Count) throw id.Invalid($"an id of the vocabulary, which has {pieces.Count} tokens");
        return new UnigramModel(pieces, unknown?.Id(), node.Flag("byte_fallback", false));
    }

    public void Encode(string word, List<int> ids)
    {
        if (_cache.TryAppend(word, ids)) return;
        var start = ids.Count;
        foreach (var (from, to, id) in BestPath(word)) Append(word.AsSpan(from, to - from), id, ids);
        _cache.Add(word, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(ids)[start..]);
    }

    private List<(int From, int To, int Id)> BestPath(string word)
    {
        var best = new (double Score, int From, int Id)[word.Length + 1];
        Array.Fill(best, (0, -1, 0));
        for (int at = 0, length; at < word.Length; at += length)
        {
            length = char.IsHighSurrogate(word[at]) ? 2 : 1;
            var till = best[at].Score;
            var single = false;
            var node = TokenTrie.Root;
            for (var end = at; end < word.Length && _trie.TryStep(ref node, word[end], out var id);)
            {
                end++;
                if (id < 0) continue;
                Offer(at, end, id, till + _scores[id]);
                single |= end - at == length;
            }

            if (single) continue;
            if (_unknown is not { } unknown)
                throw new InvalidDataException($"tokenizer.json.model.unk_id: missing, and the text has the unknown character '{word.AsSpan(at, length)}'.");
            Offer(at, at + length, unknown, till + _unknownScore);
        }

        var path = new List<(int, int, int)>();
        for (var end = word.Length; end > 0; end = best[end].From)
        {
            var (_, from, id) = best[end];
            // Neighbouring unknown characters are one unknown token.
            if (id == _unknown && path.Count > 0 && path[^1] is var (_, to, next) && next == _unknown) path[^1] = (from, to, id);
            else path.Add((from, end, id));
        }

        path.Reverse();
        return path;

        void Offer(int from, int to, int id, double score)
        {
            if (best[to].From < 0 || score > best[to].Score) best[to] = (score, from, id);
        }
    }

    private void Append(ReadOnlySpan<char> text, int id, List<int> ids)
    {
        // The reference looks each stretch up again: fused unknown characters may spell a token.
        if (id == _unknown)
        {
            if (Vocabulary.TryGetValue(text.ToString(), out var known)) id = known;
            else if (_bytes is not null)
            {
                var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
                Encoding.UTF8.GetBytes(text, bytes);
                if (Array.TrueForAll(bytes, value => _bytes[value] >= 0))
                {
                    foreach (var value in bytes) ids.Add(_bytes[value]);
                    return;
                }
            }
        }

        ids.Add(id);
    }
}

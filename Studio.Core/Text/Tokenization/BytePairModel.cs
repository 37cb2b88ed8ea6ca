using Microsoft.ML.Tokenizers;

namespace Studio.Core.Text.Tokenization;

/// <summary>
/// The BPE model of tokenizer.json: a word in the byte alphabet to token ids. Microsoft.ML.Tokenizers merges ordinary words; its merge is
/// quadratic in the length of a word, so long ones go through <see cref="LongWordMerger"/>.
/// </summary>
internal sealed class BytePairModel
{
    private const int LongestForLibrary = 512;

    // Tables of a row per id are allocated from the highest id; the largest vocabularies have about 300,000 tokens.
    private const int IdLimit = 1 << 24;

    private readonly BpeTokenizer _library;
    private readonly LongWordMerger _longWords;
    private readonly bool _ignoreMerges;

    private BytePairModel(IReadOnlyDictionary<string, int> vocabulary, IReadOnlyList<(string Left, string Right)> merges, bool ignoreMerges)
    {
        Vocabulary = vocabulary;
        _ignoreMerges = ignoreMerges;
        _library = BpeTokenizer.Create(new BpeOptions(vocabulary) { Merges = merges.Select(merge => $"{merge.Left} {merge.Right}") });
        _longWords = new LongWordMerger(vocabulary, merges);
    }

    /// <summary>The model's own tokens, without the added ones.</summary>
    public IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <exception cref="InvalidDataException">A malformed field.</exception>
    /// <exception cref="NotSupportedException">Another model than byte-level BPE, or a feature of BPE that is not supported.</exception>
    public static BytePairModel Read(JsonNode node)
    {
        node.Object();
        if (node.Optional("type") is { } type && type.Text() != "BPE") throw type.Unsupported("BPE");
        foreach (var member in (string[])["unk_token", "dropout"])
            if (node.Optional(member) is { } value) throw value.Unsupported("null");
        foreach (var member in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
            if (node.Optional(member) is { } value && value.Text().Length > 0) throw value.Unsupported("null or an empty text");
        if (node.Flag("byte_fallback", false)) throw node.Required("byte_fallback").Unsupported("false");

        var list = node.Required("vocab");
        var vocabulary = ReadVocabulary(list);
        foreach (var character in ByteAlphabet.All)
            if (!vocabulary.ContainsKey(character.ToString()))
                throw new NotSupportedException($"{list.Path}: '{character}' is missing; a byte-level vocabulary has a token for each of the 256 bytes.");
        return new BytePairModel(vocabulary, Merges(node.Required("merges"), vocabulary), node.Flag("ignore_merges", false));
    }

    /// <summary>Appends the ids of one word.</summary>
    public void Encode(string word, List<int> ids)
    {
        if (_ignoreMerges && Vocabulary.TryGetValue(word, out var whole)) ids.Add(whole);
        else if (word.Length > LongestForLibrary) _longWords.Encode(word, ids);
        else ids.AddRange(_library.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false));
    }

    private static Dictionary<string, int> ReadVocabulary(JsonNode list)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        var owners = new Dictionary<int, string>();
        foreach (var (token, node) in list.Members())
        {
            var id = node.Id();
            if (id >= IdLimit) throw node.Invalid($"an id below {IdLimit}");
            if (!owners.TryAdd(id, token) && owners[id] != token) throw node.Invalid($"an id of its own; it is that of '{owners[id]}'");
            vocabulary[token] = id;
        }

        return vocabulary;
    }

    private static List<(string Left, string Right)> Merges(JsonNode list, Dictionary<string, int> vocabulary)
    {
        // Where a merge is listed twice, the last place counts (the Hugging Face library inserts into a map).
        var places = new Dictionary<(string Left, string Right), int>();
        var index = 0;
        foreach (var item in list.Items())
        {
            var parts = item.Element.ValueKind == System.Text.Json.JsonValueKind.Array
                ? [.. item.Items().Select(part => part.Text())]
                : item.Text().Split(' ');
            if (parts.Length != 2) throw item.Invalid("two tokens, as \"a b\" or [\"a\", \"b\"]");
            foreach (var token in (string[])[parts[0], parts[1], parts[0] + parts[1]])
                if (!vocabulary.ContainsKey(token)) throw item.Invalid($"tokens of the vocabulary, which '{token}' is not");
            places[(parts[0], parts[1])] = index++;
        }

        return [.. places.OrderBy(place => place.Value).Select(place => place.Key)];
    }
}

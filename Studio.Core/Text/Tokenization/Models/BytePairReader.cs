using System.Text;
using System.Text.Json;

namespace Studio.Core.Text.Tokenization;

/// <summary>Reads a BPE model from tokenizer.json.</summary>
internal static class BytePairReader
{
    // Tables of a row per id are allocated elsewhere from the highest id; the largest vocabularies have about 300,000 tokens.
    private const int IdLimit = 1 << 24;

    /// <exception cref="InvalidDataException">A malformed field.</exception>
    /// <exception cref="NotSupportedException">Dropout, or an unknown member.</exception>
    public static BytePairModel Read(JsonNode node)
    {
        node.Known("type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback", "ignore_merges", "vocab", "merges");
        if (node.Optional("dropout") is { } dropout && dropout.Number() != 0) throw dropout.Unsupported("null or 0 (tokens must not depend on chance)");
        var options = new BytePairOptions
        {
            UnknownToken = node.Optional("unk_token")?.Text(),
            FuseUnknown = node.Flag("fuse_unk", false),
            ByteFallback = node.Flag("byte_fallback", false),
            IgnoreMerges = node.Flag("ignore_merges", false),
            SubwordPrefix = node.Optional("continuing_subword_prefix")?.Text() ?? "",
            WordSuffix = node.Optional("end_of_word_suffix")?.Text() ?? "",
        };
        var vocabulary = Vocabulary(node.Required("vocab"));
        return new BytePairModel(vocabulary, Merges(node.Required("merges"), vocabulary, options.SubwordPrefix), options);
    }

    private static Dictionary<string, int> Vocabulary(JsonNode list)
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

    private static List<(int Left, int Right, int Id)> Merges(JsonNode list, Dictionary<string, int> vocabulary, string prefix)
    {
        var merges = new List<(int Left, int Right, int Id)>();
        var skip = Encoding.UTF8.GetByteCount(prefix); // the reference cuts as many bytes off the right token as the prefix has characters
        if (skip != prefix.Length) throw new NotSupportedException($"{list.Path}: merges with a continuing_subword_prefix outside of ASCII are not supported.");
        JsonValueKind? kind = null;
        foreach (var item in list.Items())
        {
            kind ??= item.Element.ValueKind;
            if (item.Element.ValueKind != kind) throw item.Invalid("merges that are all texts or all pairs");
            if (kind == JsonValueKind.String && item.Text().StartsWith("#version", StringComparison.Ordinal)) continue;
            var parts = kind == JsonValueKind.Array ? [.. item.Items().Select(part => part.Text())] : item.Text().Split(' ');
            if (parts.Length != 2) throw item.Invalid("two tokens, as \"a b\" or [\"a\", \"b\"]");
            var right = Encoding.UTF8.GetBytes(parts[1]);
            if (right.Length < skip) throw item.Invalid($"a second token that starts with '{prefix}'");
            merges.Add((Id(parts[0]), Id(parts[1]), Id(parts[0] + (skip == 0 ? parts[1] : Encoding.UTF8.GetString(right.AsSpan(skip))))));

            int Id(string token) => vocabulary.TryGetValue(token, out var id) ? id : throw item.Invalid($"tokens of the vocabulary, which '{token}' is not");
        }

        return merges;
    }
}

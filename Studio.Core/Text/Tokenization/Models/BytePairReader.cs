using System.Text;
using System.Text.Json;

namespace Studio.Core.Text.Tokenization;

/// <summary>Reads a BPE model from tokenizer.json.</summary>
internal static class BytePairReader
{
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

    // Vocabularies and merges are long: a node with its path is made only for a complaint.
    private static Dictionary<string, int> Vocabulary(JsonNode list)
    {
        var members = list.Object().Element;
        var vocabulary = new Dictionary<string, int>(members.GetPropertyCount(), StringComparer.Ordinal);
        var owners = new Dictionary<int, string>(members.GetPropertyCount());
        foreach (var member in members.EnumerateObject())
        {
            var token = list.Name(member);
            if (member.Value.ValueKind != JsonValueKind.Number || !member.Value.TryGetInt32(out var id) || id is < 0 or >= JsonNode.TokenIdLimit) id = Node().TokenId();
            if (!owners.TryAdd(id, token) && owners[id] != token) throw Node().Invalid($"an id of its own; it is that of '{Excerpt.Of(owners[id])}'");
            vocabulary[token] = id;

            JsonNode Node() => new(member.Value, $"{list.Path}['{Excerpt.Of(token)}']");
        }

        return vocabulary;
    }

    private static List<(int Left, int Right, int Id)> Merges(JsonNode list, Dictionary<string, int> vocabulary, string prefix)
    {
        if (!Ascii.IsValid(prefix)) throw new NotSupportedException($"{list.Path}: merges with a continuing_subword_prefix outside of ASCII are not supported.");
        if (list.Element.ValueKind != JsonValueKind.Array) throw list.Invalid("an array");
        var merges = new List<(int Left, int Right, int Id)>(list.Element.GetArrayLength());
        var lookup = vocabulary.GetAlternateLookup<ReadOnlySpan<char>>();
        JsonValueKind? kind = null;
        var index = -1;
        foreach (var item in list.Element.EnumerateArray())
        {
            index++;
            kind ??= item.ValueKind;
            if (item.ValueKind != kind) throw Node().Invalid("merges that are all texts or all pairs");
            string left, right;
            if (kind is JsonValueKind.Array)
            {
                if (item.GetArrayLength() != 2) throw Wrong();
                (left, right) = (Text(item[0]), Text(item[1]));
            }
            else
            {
                var text = Text(item);
                if (text.StartsWith("#version", StringComparison.Ordinal)) continue;
                var space = text.IndexOf(' ');
                if (space < 0 || text.IndexOf(' ', space + 1) >= 0) throw Wrong();
                (left, right) = (text[..space], text[(space + 1)..]);
            }

            // The reference cuts the prefix off the second token by its length.
            if (right.Length < prefix.Length) throw Node().Invalid($"a second token that starts with '{Excerpt.Of(prefix)}'");
            merges.Add((Id(left), Id(right), Id(string.Concat(left, right.AsSpan(prefix.Length)))));

            JsonNode Node() => new(item, $"{list.Path}[{index}]");
            string Text(JsonElement part) => part.ValueKind == JsonValueKind.String ? new JsonNode(part, list.Path).Text() : throw new JsonNode(part, Node().Path).Invalid("a string");
            InvalidDataException Wrong() => Node().Invalid("two tokens, as \"a b\" or [\"a\", \"b\"]");
            int Id(ReadOnlySpan<char> token) => lookup.TryGetValue(token, out var id) ? id : throw Node().Invalid($"tokens of the vocabulary, which '{Excerpt.Of(token.ToString())}' is not");
        }

        return merges;
    }
}

namespace Studio.Core.Text.Tokenization;

/// <summary>A token that is found in the text before the model sees it, with the flags of Hugging Face's <c>AddedToken</c>.</summary>
internal sealed record AddedToken
{
    public required int Id { get; init; }
    public required string Content { get; init; }

    /// <summary>A control token: left out when decoding for people, never made from untrusted text.</summary>
    public bool Special { get; init; }

    /// <summary>Matched only where no word character touches it.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Takes the white space before it along.</summary>
    public bool StripLeft { get; init; }

    /// <summary>Takes the white space after it along.</summary>
    public bool StripRight { get; init; }

    /// <summary>Looked for in the normalized text instead of the text as written.</summary>
    public bool Normalized { get; init; }

    /// <summary>
    /// Reads the list <c>added_tokens</c>. A token of the vocabulary keeps its id; a new one must carry the next free id, because that is
    /// the id Hugging Face gives it whatever the file says.
    /// </summary>
    public static List<AddedToken> ReadAll(JsonNode? list, IReadOnlyDictionary<string, int> vocabulary)
    {
        var tokens = new List<AddedToken>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        var next = vocabulary.Count;
        if (list is null) return tokens;
        foreach (var item in list.Value.Items())
        {
            var content = item.Object().Required("content").Text();
            if (content.Length == 0) throw item.Required("content").Invalid("a text that is not empty");
            if (seen.ContainsKey(content)) throw item.Required("content").Invalid("a content that no other added token has");
            var id = item.Required("id").Id();
            var wanted = vocabulary.TryGetValue(content, out var known) ? known : next;
            if (id != wanted) throw item.Required("id").Invalid($"{wanted} (the id of '{content}' in the vocabulary, or the next free one)");
            if (wanted == next) next++;
            seen.Add(content, id);
            tokens.Add(new AddedToken
            {
                Id = id,
                Content = content,
                Special = item.Flag("special", false),
                SingleWord = item.Flag("single_word", false),
                StripLeft = item.Flag("lstrip", false),
                StripRight = item.Flag("rstrip", false),
                Normalized = item.Flag("normalized", true),
            });
        }

        return tokens;
    }
}

using System.Globalization;

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
    /// Reads the list <c>added_tokens</c>. Ids are given as the Hugging Face library gives them, whatever the file says: a token of the
    /// vocabulary keeps its id, a new one gets the next free one.
    /// </summary>
    /// <param name="list">The list, if there is one.</param>
    /// <param name="model">The model, whose tokens they are added to.</param>
    public static List<AddedToken> ReadAll(JsonNode? list, ITokenModel model)
    {
        var tokens = new List<AddedToken>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        var next = model.Count;
        foreach (var item in list?.Items() ?? [])
        {
            item.Object().Known("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");
            var token = Read(item, item.Required("id").Id());
            if (!known.Add(token.Content)) throw item.Required("content").Invalid("a content that no other added token has");
            tokens.Add(token with { Id = GivenId(token, model, ref next) });
        }

        return tokens;
    }

    /// <summary>
    /// Adds the tokens of <c>added_tokens_decoder</c> of tokenizer_config.json that the list lacks, in the order of their ids, as the
    /// transformers library does when it loads a tokenizer.
    /// </summary>
    public static void AddConfigured(JsonNode? decoder, ITokenModel model, List<AddedToken> tokens)
    {
        var known = tokens.Select(token => token.Content).ToHashSet(StringComparer.Ordinal);
        var next = tokens.Select(token => token.Id + 1).Append(model.Count).Max();
        foreach (var token in ReadConfigured(decoder))
            if (known.Add(token.Content)) tokens.Add(token with { Id = GivenId(token, model, ref next) });
    }

    /// <summary>The tokens of <c>added_tokens_decoder</c> in the order of their ids.</summary>
    public static IReadOnlyList<AddedToken> ReadConfigured(JsonNode? decoder)
    {
        var tokens = new List<AddedToken>();
        foreach (var (name, node) in decoder?.Members() ?? [])
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                throw new InvalidDataException($"{node.Path}: found the key '{Excerpt.Of(name)}', wanted the id of a token.");
            tokens.Add(Read(node.Object(), id));
        }

        return [.. tokens.OrderBy(token => token.Id)];
    }

    private static int GivenId(AddedToken token, ITokenModel model, ref int next) =>
        model.Vocabulary.TryGetValue(token.Content, out var known) ? known : next++;

    private static AddedToken Read(JsonNode item, int id)
    {
        var content = item.Required("content").Text();
        if (content.Length == 0) throw item.Required("content").Invalid("a text that is not empty");
        return new AddedToken
        {
            Id = id,
            Content = content,
            Special = item.Flag("special", false),
            SingleWord = item.Flag("single_word", false),
            StripLeft = item.Flag("lstrip", false),
            StripRight = item.Flag("rstrip", false),
            Normalized = item.Flag("normalized", true),
        };
    }
}

using System.Text.Json;

namespace Studio.Core.Text.Tokenization;

/// <summary>Everything that turns text into tokens and back, wherever it was read from.</summary>
internal sealed record TokenizerParts
{
    public required ITokenModel Model { get; init; }
    public required IReadOnlyList<AddedToken> Added { get; init; }
    public required TextNormalizer Normalizer { get; init; }
    public required PreTokenizer PreTokenizer { get; init; }
    public required TokenFrame Frame { get; init; }
    public required TokenDecoder Decoder { get; init; }

    /// <summary>Reads tokenizer.json. Its truncation and padding are checked and left alone, as the transformers library does.</summary>
    public static TokenizerParts Read(JsonNode root, TokenizerConfig config)
    {
        root.Known("version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model");
        if (root.Optional("version") is { } version && version.Text() != "1.0") throw version.Unsupported("\"1.0\"");
        foreach (var (section, members) in (ReadOnlySpan<(string, string[])>)[("truncation", ["max_length", "stride"]), ("padding", ["pad_id", "pad_type_id"])])
            foreach (var member in members)
                if (root.Optional(section) is { } node) node.Object().Optional(member)?.Id();
        if (root.Optional("padding")?.Optional("strategy") is { } strategy && strategy.Element.ValueKind == JsonValueKind.Object)
            strategy.Required("Fixed").Id();

        var model = TokenModels.Read(root.Required("model"));
        var added = AddedToken.ReadAll(root.Optional("added_tokens"), model);
        AddedToken.AddConfigured(config.AddedTokens, model, added);
        return new TokenizerParts
        {
            Model = model,
            Added = added,
            Normalizer = TextNormalizer.Read(root.Optional("normalizer")),
            PreTokenizer = PreTokenizer.Read(root.Optional("pre_tokenizer")),
            Frame = TokenFrame.Read(root.Optional("post_processor")),
            Decoder = TokenDecoder.Read(root.Optional("decoder")),
        };
    }

    /// <summary>The ids of all tokens, the added ones before those of the model.</summary>
    public static Dictionary<string, int> Ids(ITokenModel model, IEnumerable<AddedToken> added)
    {
        var ids = new Dictionary<string, int>(model.Vocabulary, StringComparer.Ordinal);
        foreach (var token in added) ids[token.Content] = token.Id;
        return ids;
    }
}

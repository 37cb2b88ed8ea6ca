namespace Studio.Core.Text.Tokenization;

/// <summary>Reads the <c>model</c> of tokenizer.json.</summary>
internal static class TokenModels
{
    /// <exception cref="NotSupportedException">A kind of model that is not supported.</exception>
    public static ITokenModel Read(JsonNode node)
    {
        // Old files have no type; the reference then takes the first kind that fits, and BPE is the one with merges.
        if (node.Object().Optional("type") is not { } type) return BytePairReader.Read(node);
        return type.Text() switch
        {
            "BPE" => BytePairReader.Read(node),
            "Unigram" => UnigramModel.Read(node),
            _ => throw type.Unsupported("BPE, Unigram"),
        };
    }
}

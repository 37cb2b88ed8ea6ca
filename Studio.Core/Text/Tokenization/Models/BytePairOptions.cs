namespace Studio.Core.Text.Tokenization;

/// <summary>The options of a BPE model (<c>models/bpe</c> of the Hugging Face tokenizers library).</summary>
internal sealed record BytePairOptions
{
    /// <summary>The token for characters outside of the vocabulary; null drops them.</summary>
    public string? UnknownToken { get; init; }

    /// <summary>Whether neighbouring unknown characters share one unknown token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Whether unknown characters become the tokens <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c> of their UTF-8 bytes.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Whether a word that is a token as a whole is not split into merges.</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>What stands before every character of a word but the first.</summary>
    public string SubwordPrefix { get; init; } = "";

    /// <summary>What stands after the last character of a word.</summary>
    public string WordSuffix { get; init; } = "";
}

namespace Studio.Core.Text.Tokenization;

/// <summary>The flags of tokenizer_config.json that decide how a SentencePiece model is converted.</summary>
internal sealed record SentencePieceFlags
{
    /// <summary>Whether text after a special token starts with a space of its own.</summary>
    public bool Legacy { get; init; } = true;

    /// <summary>Whether the start token stands before a text.</summary>
    public bool AddBos { get; init; } = true;

    /// <summary>Whether the end token stands after a text.</summary>
    public bool AddEos { get; init; }

    /// <summary>Whether a text starts with a space of its own.</summary>
    public bool AddPrefixSpace { get; init; } = true;

    /// <summary>Whether the config says so itself: the library then converts anew instead of keeping Llama's older form.</summary>
    public bool SaysPrefixSpace { get; init; }
}

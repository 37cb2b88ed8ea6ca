namespace Studio.Core.Text.Tokenization;

/// <summary>
/// Takes tokens on their way to text. A step that joins tokens gives one long token, piece by piece as it grows, so that text can stream.
/// </summary>
internal interface ITokenSink
{
    /// <summary>The next token, or the first piece of one.</summary>
    void Token(string text);

    /// <summary>More of the token before.</summary>
    void More(string text);

    /// <summary>There are no more tokens.</summary>
    void End();
}

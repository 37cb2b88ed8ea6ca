using Studio.Core.Text.Tokenization;

namespace Studio.Core.Text;

/// <summary>
/// Turns tokens into text as they arrive. A character whose bytes are spread over several tokens appears when its last byte is there; all
/// pieces together equal <see cref="TextTokenizer.Decode"/> of all tokens. One instance per stream; the work per token is constant.
/// </summary>
public sealed class StreamingDecoder
{
    private readonly TextTokenizer _tokenizer;
    private readonly bool _skipSpecialTokens;
    private ITokenSink _decoder;
    private TextSink _text;

    /// <param name="tokenizer">The tokenizer that made the tokens.</param>
    /// <param name="skipSpecialTokens">Whether to leave special tokens out.</param>
    public StreamingDecoder(TextTokenizer tokenizer, bool skipSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        (_tokenizer, _skipSpecialTokens) = (tokenizer, skipSpecialTokens);
        _decoder = tokenizer.OpenDecoder(out _text);
    }

    /// <summary>Takes a token and returns the text that no later token can change; often empty in the middle of a character.</summary>
    public string Push(int id)
    {
        if (_tokenizer.DecodedToken(id, _skipSpecialTokens) is { } token) _decoder.Token(token);
        return _text.Take();
    }

    /// <summary>Ends the stream: an unfinished character becomes U+FFFD. The decoder is then ready for another stream.</summary>
    public string Flush()
    {
        _decoder.End();
        var text = _text.Take();
        _decoder = _tokenizer.OpenDecoder(out _text);
        return text;
    }
}

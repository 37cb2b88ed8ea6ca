using System.Text;

namespace Studio.Core.Text;

/// <summary>
/// Turns tokens into text as they arrive. A character whose bytes are spread over several tokens appears when its last byte is there; all
/// pieces together equal <see cref="TextTokenizer.Decode"/> of all tokens. One instance per stream; the work per token is constant.
/// </summary>
public sealed class StreamingDecoder(TextTokenizer tokenizer, bool skipSpecialTokens = true)
{
    private readonly Decoder _decoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetDecoder();

    /// <summary>Takes a token and returns the text that no later token can change; often empty in the middle of a character.</summary>
    public string Push(int id) => Convert(tokenizer.BytesOf(id, skipSpecialTokens), flush: false);

    /// <summary>Ends the stream: an unfinished character becomes U+FFFD. The decoder is then ready for another stream.</summary>
    public string Flush() => Convert([], flush: true);

    private string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        Span<char> characters = bytes.Length < 256 ? stackalloc char[bytes.Length + 2] : new char[bytes.Length + 2];
        var count = _decoder.GetChars(bytes, characters, flush);
        return new string(characters[..count]);
    }
}

using System.Text;

namespace Studio.Core.Text.Tokenization;

/// <summary>Joins all tokens to one (<c>decoders/fuse</c>).</summary>
internal sealed class FuseStep(ITokenSink next) : ITokenSink
{
    private bool _started;

    public void Token(string text)
    {
        if (_started) next.More(text);
        else next.Token(text);
        _started = true;
    }

    public void More(string text) => next.More(text);

    public void End()
    {
        if (!_started) next.Token("");
        next.End();
    }
}

/// <summary>
/// Reads tokens through the byte alphabet and joins their bytes to one text; broken UTF-8 becomes U+FFFD. A character whose bytes are spread
/// over several tokens appears with its last byte.
/// </summary>
internal sealed class ByteLevelStep(ITokenSink next, bool inPieces) : DecoderStep(next, inPieces)
{
    private readonly Decoder _decoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false).GetDecoder();
    private bool _started;

    protected override void Decode(string token) => Convert(ByteAlphabet.Unspell(token), flush: false);

    protected override void Finish() => Convert([], flush: true);

    private void Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        Span<char> characters = bytes.Length < 256 ? stackalloc char[bytes.Length + 2] : new char[bytes.Length + 2];
        var text = new string(characters[.._decoder.GetChars(bytes, characters, flush)]);
        if (_started) Next.More(text);
        else Next.Token(text);
        _started = true;
    }
}

/// <summary>Takes a character off the start and the end of each token, at most so many times (<c>decoders/strip</c>).</summary>
internal sealed class StripStep(ITokenSink next, char content, int start, int stop) : ITokenSink
{
    private int _left;
    private int _held; // characters at the end so far that go if nothing follows

    public void Token(string text)
    {
        _held = 0;
        _left = start;
        next.Token(Strip(text));
    }

    public void More(string text) => next.More(Strip(text));

    public void End() => next.End();

    private string Strip(string text)
    {
        var from = 0;
        while (_left > 0 && from < text.Length && text[from] == content) (from, _left) = (from + 1, _left - 1);
        if (from < text.Length) _left = 0;
        if (stop == 0) return text[from..];
        var kept = text.AsSpan(from).TrimEnd(content).Length;
        var trailing = text.Length - from - kept;
        if (kept > 0)
        {
            var before = new string(content, _held);
            _held = Math.Min(stop, trailing);
            return before + text[from..(text.Length - _held)];
        }

        var all = _held + trailing;
        _held = Math.Min(stop, all);
        return new string(content, all - _held);
    }
}

/// <summary>The end of a decoder: collects the text, with a separator between tokens or none.</summary>
internal sealed class TextSink(string separator) : ITokenSink
{
    private readonly StringBuilder _text = new();
    private bool _started;

    public void Token(string text)
    {
        if (_started) _text.Append(separator);
        _started = true;
        _text.Append(text);
    }

    public void More(string text) => _text.Append(text);

    public void End()
    {
    }

    /// <summary>The text that came since the last call.</summary>
    public string Take()
    {
        if (_text.Length == 0) return "";
        var text = _text.ToString();
        _text.Clear();
        return text;
    }
}

using System.Text;
using System.Text.Unicode;
using System.Globalization;

namespace Studio.Core.Text.Tokenization;

/// <summary>Applies a function to every token; the function is told whether it is the first.</summary>
internal sealed class MapStep(ITokenSink next, bool inPieces, Func<string, bool, string> map) : DecoderStep(next, inPieces)
{
    private bool _started;

    protected override void Decode(string token)
    {
        Next.Token(map(token, !_started));
        _started = true;
    }
}

/// <summary>Applies a function to every token; the function is told whether it is the last, so each waits for the one after it.</summary>
internal sealed class LookAheadStep(ITokenSink next, bool inPieces, Func<string, bool, string> map) : DecoderStep(next, inPieces)
{
    private string? _held;

    protected override void Decode(string token)
    {
        if (_held is not null) Next.Token(map(_held, false));
        _held = token;
    }

    protected override void Finish()
    {
        if (_held is not null) Next.Token(map(_held, true));
    }
}

/// <summary>
/// Tokens <c>&lt;0x41&gt;</c> become bytes. A run of them is valid UTF-8 as a whole, or each of its bytes is U+FFFD
/// (<c>decoders/byte_fallback</c>); so a run shows when it is over.
/// </summary>
internal sealed class ByteFallbackStep(ITokenSink next, bool inPieces) : DecoderStep(next, inPieces)
{
    private readonly List<byte> _run = [];

    protected override void Decode(string token)
    {
        if (Byte(token) is { } value)
        {
            _run.Add(value);
            return;
        }

        Finish();
        Next.Token(token);
    }

    protected override void Finish()
    {
        var bytes = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_run);
        if (Utf8.IsValid(bytes))
        {
            if (_run.Count > 0) Next.Token(Encoding.UTF8.GetString(bytes));
        }
        else
        {
            for (var i = 0; i < _run.Count; i++) Next.Token("\uFFFD");
        }

        _run.Clear();
    }

    private static byte? Byte(string token)
    {
        if (token.Length != 6 || !token.StartsWith("<0x", StringComparison.Ordinal) || token[5] != '>') return null;
        // Rust's number parser takes a plus sign.
        var digits = token[3] == '+' ? token.AsSpan(4, 1) : token.AsSpan(3, 2);
        return byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;
    }
}

/// <summary>The decoder of CTC models: repeated tokens once, padding left out, the word delimiter a space (<c>decoders/ctc</c>).</summary>
internal sealed class CtcStep(ITokenSink next, bool inPieces, string padding, string delimiter, bool cleansUp) : DecoderStep(next, inPieces)
{
    private string? _last;

    protected override void Decode(string token)
    {
        if (token == _last) return;
        _last = token;
        var text = token.Replace(padding, "", StringComparison.Ordinal);
        if (cleansUp) text = SpaceCleanup.WordPiece(text).Replace(delimiter, " ", StringComparison.Ordinal);
        if (text.Length > 0) Next.Token(text);
    }
}

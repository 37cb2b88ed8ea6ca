namespace Studio.Core.Text.Tokenization;

/// <summary>The <c>decoder</c> of tokenizer.json: turns tokens back into text. Without one, tokens are joined by spaces.</summary>
internal sealed class TokenDecoder
{
    private readonly List<(Func<ITokenSink, bool, ITokenSink> Step, bool Joins, bool KeepsPieces)> _steps = [];
    private readonly string _separator;

    private TokenDecoder(string separator) => _separator = separator;

    /// <exception cref="NotSupportedException">A kind of decoder that is not supported.</exception>
    public static TokenDecoder Read(JsonNode? node)
    {
        var decoder = new TokenDecoder(node is null ? " " : "");
        if (node is not null) decoder.Add(node.Value.Object());
        return decoder;
    }

    /// <summary>Opens a decoder for one sequence of tokens; their text comes out of <paramref name="text"/> as it becomes certain.</summary>
    public ITokenSink Open(out TextSink text)
    {
        ITokenSink sink = text = new TextSink(_separator);
        for (var i = _steps.Count - 1; i >= 0; i--) sink = _steps[i].Step(sink, InPieces(i));
        return sink;
    }

    /// <summary>Whether tokens reach a step in pieces.</summary>
    private bool InPieces(int step)
    {
        var pieces = false;
        foreach (var (_, joins, keeps) in _steps.Take(step)) pieces = joins || (pieces && keeps);
        return pieces;
    }

    private void Add(JsonNode node)
    {
        var type = node.Required("type");
        switch (type.Text())
        {
            case "Sequence":
                node.Known("type", "decoders");
                foreach (var item in node.Required("decoders").Items()) Add(item.Object());
                break;
            case "ByteLevel":
                node.Known("type", "add_prefix_space", "trim_offsets", "use_regex");
                _steps.Add(((next, pieces) => new ByteLevelStep(next, pieces), true, false));
                break;
            case "ByteFallback":
                node.Known("type");
                Whole((next, pieces) => new ByteFallbackStep(next, pieces));
                break;
            case "Fuse":
                node.Known("type");
                _steps.Add(((next, _) => new FuseStep(next), true, false));
                break;
            case "Strip":
                node.Known("type", "content", "start", "stop");
                var (content, start, stop) = (node.Required("content").Character(), node.Required("start").Id(), node.Required("stop").Id());
                _steps.Add(((next, _) => new StripStep(next, content, start, stop), false, true));
                break;
            case "Replace":
                node.Known("type", "pattern", "content");
                var (pattern, replacement) = (CodePointRegex.Read(node.Required("pattern")), node.Required("content").Text());
                Map((token, _) => Replace(token, pattern, replacement));
                break;
            case "Metaspace":
                var space = Metaspace.Read(node);
                Map((token, first) => first && space.Scheme != PrependScheme.Never
                    ? token.Replace(space.Mark.ToString(), "", StringComparison.Ordinal)
                    : token.Replace(space.Mark, ' '));
                break;
            case "WordPiece":
                node.Known("type", "prefix", "cleanup");
                var (prefix, cleanup) = (node.Required("prefix").Text(), node.Flag("cleanup", true));
                Map((token, first) =>
                {
                    if (!first) token = token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : $" {token}";
                    return cleanup ? SpaceCleanup.WordPiece(token) : token;
                });
                break;
            case "BPEDecoder":
                node.Known("type", "suffix");
                var suffix = node.Required("suffix");
                if (suffix.Text().Length == 0) throw suffix.Invalid("a text that is not empty");
                Whole((next, pieces) => new LookAheadStep(next, pieces, (token, last) => token.Replace(suffix.Text(), last ? "" : " ", StringComparison.Ordinal)));
                break;
            case "CTC":
                node.Known("type", "pad_token", "word_delimiter_token", "cleanup");
                var (pad, delimiter) = (node.Required("pad_token"), node.Required("word_delimiter_token"));
                if (pad.Text().Length == 0) throw pad.Invalid("a text that is not empty");
                if (delimiter.Text().Length == 0) throw delimiter.Invalid("a text that is not empty");
                Whole((next, pieces) => new CtcStep(next, pieces, pad.Text(), delimiter.Text(), node.Flag("cleanup", true)));
                break;
            default:
                throw type.Unsupported("Sequence, ByteLevel, ByteFallback, Fuse, Strip, Replace, Metaspace, WordPiece, BPEDecoder, CTC");
        }
    }

    private void Map(Func<string, bool, string> map) => Whole((next, pieces) => new MapStep(next, pieces, map));

    private void Whole(Func<ITokenSink, bool, ITokenSink> step) => _steps.Add((step, false, false));

    private static string Replace(string token, CodePointRegex pattern, string replacement)
    {
        if (token.Length == 0) return token;
        var ranges = pattern.Ranges(token);
        return ranges.Exists(range => range.IsMatch)
            ? string.Concat(ranges.Select(range => range.IsMatch ? replacement : token[range.Start..range.End]))
            : token;
    }
}

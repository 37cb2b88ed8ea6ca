namespace Studio.Core.Text.Tokenization;

/// <summary>When a Metaspace step puts its mark before a word that lacks it.</summary>
internal enum PrependScheme
{
    /// <summary>Before every word.</summary>
    Always,

    /// <summary>Only before the word at the start of the input.</summary>
    First,

    /// <summary>Never.</summary>
    Never,
}

/// <summary>SentencePiece's way with spaces: they become a visible mark, and words start with it (<c>pre_tokenizers/metaspace</c>).</summary>
internal sealed record Metaspace(char Mark, PrependScheme Scheme, bool Splits)
{
    /// <summary>Reads the step; the older form says <c>add_prefix_space</c> instead of <c>prepend_scheme</c>.</summary>
    public static Metaspace Read(JsonNode node)
    {
        node.Known("type", "replacement", "prepend_scheme", "add_prefix_space", "split", "str_rep");
        var scheme = node.Optional("prepend_scheme") is not { } named ? PrependScheme.Always : named.Text() switch
        {
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            _ => throw named.Invalid("always, first or never"),
        };
        if (!node.Flag("add_prefix_space", true))
        {
            if (node.Optional("prepend_scheme") is { } other && scheme != PrependScheme.Never) throw other.Invalid("never, because add_prefix_space is false");
            scheme = PrependScheme.Never;
        }

        return new Metaspace(node.Required("replacement").Character(), scheme, node.Flag("split", true));
    }

    /// <summary>Marks a word, and cuts it before each mark where the step splits.</summary>
    public void Split(WordPiece word, List<WordPiece> pieces)
    {
        var text = word.Text.Replace(' ', Mark);
        if (text[0] != Mark && !word.Continues && (Scheme == PrependScheme.Always || (Scheme == PrependScheme.First && word.IsFirst))) text = Mark + text;
        for (var start = 0; start < text.Length;)
        {
            var end = Splits ? text.IndexOf(Mark, start + 1) : -1;
            if (end < 0) end = text.Length;
            pieces.Add(word.Part(start, start == 0 && end == text.Length ? text : text[start..end]));
            start = end;
        }
    }
}

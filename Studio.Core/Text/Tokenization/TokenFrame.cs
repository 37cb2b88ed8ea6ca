namespace Studio.Core.Text.Tokenization;

/// <summary>
/// What the <c>post_processor</c> of tokenizer.json puts before and after the tokens of a text: ids as the file has them, whether or not the
/// vocabulary has such tokens, like the reference.
/// </summary>
internal sealed record TokenFrame(IReadOnlyList<int> Before, IReadOnlyList<int> After)
{
    /// <exception cref="NotSupportedException">A processor of another kind.</exception>
    public static TokenFrame Read(JsonNode? node)
    {
        List<int> before = [], after = [];
        if (node is not null) Add(node.Value.Object(), before, after);
        return new TokenFrame(before, after);
    }

    private static void Add(JsonNode node, List<int> before, List<int> after)
    {
        var type = node.Required("type");
        switch (type.Text())
        {
            case "ByteLevel": // moves offsets only
                node.Known("type", "add_prefix_space", "trim_offsets", "use_regex");
                break;
            case "Sequence":
                node.Known("type", "processors");
                foreach (var item in node.Required("processors").Items()) Add(item.Object(), before, after);
                break;
            case "TemplateProcessing":
                node.Known("type", "single", "pair", "special_tokens");
                if (before.Count + after.Count > 0) throw type.Unsupported("one processor of a sequence that adds tokens");
                AddTemplate(node, before, after);
                break;
            case "BertProcessing" or "RobertaProcessing":
                node.Known("type", "sep", "cls", "trim_offsets", "add_prefix_space");
                if (before.Count + after.Count > 0) throw type.Unsupported("one processor of a sequence that adds tokens");
                before.Add(NamedId(node.Required("cls")));
                after.Add(NamedId(node.Required("sep")));
                break;
            default: throw type.Unsupported("ByteLevel, TemplateProcessing, BertProcessing, RobertaProcessing, Sequence");
        }
    }

    private static int NamedId(JsonNode pair)
    {
        var items = pair.Items().ToArray();
        if (items.Length != 2) throw pair.Invalid("a token and its id");
        items[0].Text();
        return items[1].TokenId();
    }

    private static void AddTemplate(JsonNode node, List<int> before, List<int> after)
    {
        var target = new List<int>();
        var seen = false;
        var single = node.Required("single");
        foreach (var piece in single.Items())
        {
            if (piece.Object().Optional("Sequence") is { } sequence)
            {
                if (seen || sequence.Object().Required("id").Text() != "A") throw sequence.Invalid("the sequence A, once");
                seen = true;
                before.InsertRange(0, target);
                target = [];
                continue;
            }

            var name = piece.Required("SpecialToken").Object().Required("id");
            foreach (var id in SpecialIds(node, name)) target.Add(id);
        }

        if (!seen) throw single.Invalid("a template with the sequence A");
        after.AddRange(target);
    }

    private static IEnumerable<int> SpecialIds(JsonNode node, JsonNode name)
    {
        var entry = node.Required("special_tokens").Object().Optional(name.Text()) ?? throw name.Invalid("a token that special_tokens lists");
        return entry.Object().Required("ids").Items().Select(id => id.TokenId());
    }
}

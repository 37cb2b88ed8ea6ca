namespace Studio.Core.Text.Tokenization;

/// <summary>What the <c>post_processor</c> of tokenizer.json puts before and after the tokens of a text.</summary>
internal sealed record TokenFrame(IReadOnlyList<int> Before, IReadOnlyList<int> After)
{
    /// <exception cref="NotSupportedException">A processor that is neither ByteLevel nor TemplateProcessing.</exception>
    public static TokenFrame Read(JsonNode? node, IReadOnlyDictionary<string, int> ids)
    {
        List<int> before = [], after = [];
        if (node is not null) Add(node.Value.Object(), ids, before, after);
        return new TokenFrame(before, after);
    }

    private static void Add(JsonNode node, IReadOnlyDictionary<string, int> ids, List<int> before, List<int> after)
    {
        var type = node.Required("type");
        switch (type.Text())
        {
            case "ByteLevel": break; // moves offsets only
            case "Sequence":
                foreach (var item in node.Required("processors").Items()) Add(item.Object(), ids, before, after);
                break;
            case "TemplateProcessing": AddTemplate(node, ids, before, after); break;
            default: throw type.Unsupported("ByteLevel, TemplateProcessing, Sequence");
        }
    }

    private static void AddTemplate(JsonNode node, IReadOnlyDictionary<string, int> ids, List<int> before, List<int> after)
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
            foreach (var id in SpecialIds(node, name, ids)) target.Add(id);
        }

        if (!seen) throw single.Invalid("a template with the sequence A");
        after.AddRange(target);
    }

    private static IEnumerable<int> SpecialIds(JsonNode node, JsonNode name, IReadOnlyDictionary<string, int> ids)
    {
        var entry = node.Required("special_tokens").Object().Optional(name.Text()) ?? throw name.Invalid("a token that special_tokens lists");
        foreach (var id in entry.Object().Required("ids").Items())
        {
            if (!ids.Values.Contains(id.Id())) throw id.Invalid("the id of a token");
            yield return id.Id();
        }
    }
}

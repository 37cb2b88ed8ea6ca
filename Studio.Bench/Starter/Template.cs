using System.Text;

namespace Studio.Bench.Starter;

/// <summary>
/// The small template language of the corpus. <c>{slot}</c> inserts a fact, <c>{a:slot}</c> inserts it with "a" or "an",
/// <c>[this|that|]</c> picks one alternative. Facts may hold templates themselves. Alternatives do not nest.
/// </summary>
public static class Template
{
    /// <summary>Fills a template and gives every sentence a capital.</summary>
    /// <exception cref="KeyNotFoundException">The template names a slot that the facts lack.</exception>
    public static string Fill(string template, IReadOnlyDictionary<string, string> facts, SeededRandom random)
    {
        var text = new StringBuilder();
        Append(text, template, facts, random);
        return Grammar.Capitalise(text.ToString().Trim());
    }

    /// <summary>Fills a template and leaves the letters as they are: for subjects and brief answers.</summary>
    public static string FillPlain(string template, IReadOnlyDictionary<string, string> facts, SeededRandom random)
    {
        var text = new StringBuilder();
        Append(text, template, facts, random);
        return text.ToString();
    }

    /// <summary>Every wording a template can produce, slots left in place: what "the same template" means when splits are compared.</summary>
    public static IEnumerable<string> Expansions(string template)
    {
        var open = template.IndexOf('[', StringComparison.Ordinal);
        if (open < 0)
            return [template];
        var close = template.IndexOf(']', open);
        var alternatives = template[(open + 1)..close].Split('|');
        var rest = Expansions(template[(close + 1)..]).ToList();
        return alternatives.SelectMany(alternative => rest.Select(tail => template[..open] + alternative + tail));
    }

    private static void Append(StringBuilder text, ReadOnlySpan<char> template, IReadOnlyDictionary<string, string> facts, SeededRandom random)
    {
        while (!template.IsEmpty)
        {
            var mark = template.IndexOfAny('{', '[');
            if (mark < 0)
            {
                text.Append(template);
                return;
            }
            text.Append(template[..mark]);
            var end = template.IndexOf(template[mark] == '{' ? '}' : ']');
            if (end < mark)
                throw new FormatException($"Template '{template}' opens '{template[mark]}' at {mark} and does not close it.");
            var inner = template[(mark + 1)..end].ToString();
            if (template[mark] == '[')
                Append(text, random.Pick(inner.Split('|')), facts, random);
            else
                AppendSlot(text, inner, facts, random);
            template = template[(end + 1)..];
        }
    }

    private static void AppendSlot(StringBuilder text, string slot, IReadOnlyDictionary<string, string> facts, SeededRandom random)
    {
        var withArticle = slot.StartsWith("a:", StringComparison.Ordinal);
        var name = withArticle ? slot[2..] : slot;
        if (!facts.TryGetValue(name, out var value))
            throw new KeyNotFoundException($"A template names the slot '{name}'; the facts hold {string.Join(", ", facts.Keys)}.");
        if (withArticle)
            text.Append(Grammar.Article(value)).Append(' ');
        Append(text, value, facts, random);
    }
}

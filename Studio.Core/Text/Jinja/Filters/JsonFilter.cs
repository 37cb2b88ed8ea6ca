using Studio.Core.Text.Jinja.Formatting;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Filters;

/// <summary>The tojson filter of transformers: json.dumps without HTML escapes (chat_template_utils.py).</summary>
internal static class JsonFilter
{
    public static object ToJson(Evaluation run, object value, CallArguments arguments)
    {
        var bound = arguments.Bind("tojson", ["ensure_ascii", "indent", "separators", "sort_keys"]);
        string? indent = bound[1] switch
        {
            null or JinjaNone => null,
            JinjaText text => text.Value,
            _ => Blanks(Numbers.ToIndex(bound[1]!), run.Budget),
        };
        string item = indent is null ? ", " : ",", key = ": ";
        if (bound[2] is not (null or JinjaNone))
        {
            var separators = Iteration.ToList(bound[2]!, run.Budget);
            if (separators is not [JinjaText first, JinjaText second]) throw JinjaFault.Value("separators must be two texts");
            (item, key) = (first.Value, second.Value);
        }

        return new JsonText(run.Budget)
        {
            EnsureAscii = bound[0] is { } ascii && Comparison.IsTrue(ascii),
            Indent = indent,
            ItemSeparator = item,
            KeySeparator = key,
            SortKeys = bound[3] is { } sort && Comparison.IsTrue(sort),
        }.Write(value);
    }

    private static string Blanks(int count, Budget budget)
    {
        budget.Characters(Math.Max(0, count));
        return new string(' ', Math.Max(0, count));
    }
}

using System.Text;
using Studio.Core.Text.Jinja.Formatting;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Filters;

/// <summary>Filters for HTML and URLs.</summary>
internal static class HtmlFilters
{
    public static object Escape(Evaluation run, object value, CallArguments arguments) => Html.Escape(FilterTable.Text(run, value), run.Budget);

    public static object ForceEscape(Evaluation run, object value, CallArguments arguments) => Html.Escape(FilterTable.Text(run, value).Plain(), run.Budget);

    public static object Safe(Evaluation run, object value, CallArguments arguments) => FilterTable.Text(run, value).AsMarkup();

    public static object StripTags(Evaluation run, object value, CallArguments arguments)
    {
        var text = FilterTable.Text(run, value).Plain();
        run.Budget.Characters(text.Value.Length * 2L);
        return text.Derive(Html.StripTags(text.Value));
    }

    public static object UrlEncode(Evaluation run, object value, CallArguments arguments)
    {
        arguments.Bind("urlencode", []);
        if (value is JinjaText or JinjaNone || Numbers.IsNumber(value) || !Iteration.IsIterable(value)) return Quote(run, FilterTable.Text(run, value), "/");
        var pairs = value is JinjaDict dict ? new DictView(dict, DictPart.Items).Items : Iteration.Over(value, run.Budget);
        var buffer = new TextBuffer(run.Budget);
        foreach (object pair in pairs)
        {
            var items = Iteration.ToList(pair, run.Budget);
            if (items.Count != 2) throw JinjaFault.Value($"not enough values to unpack (expected 2, got {items.Count})");
            if (buffer.Length > 0) buffer.Append("&");
            buffer.Append(Plus(Quote(run, FilterTable.Text(run, items[0]), ""))).Append("=").Append(Plus(Quote(run, FilterTable.Text(run, items[1]), "")));
        }

        return buffer.ToText();
    }

    public static object XmlAttributes(Evaluation run, object value, CallArguments arguments)
    {
        bool space = arguments.Bind("xmlattr", ["autospace"])[0] is not { } flag || Comparison.IsTrue(flag);
        if (value is not JinjaDict dict) throw JinjaFault.Type($"'{TypeNames.Of(value)}' object has no attribute 'items'");
        var buffer = new TextBuffer(run.Budget);
        foreach (var (key, item) in dict.Entries)
        {
            if (item is JinjaNone or JinjaUndefined) continue;
            var name = FilterTable.Text(run, key);
            if (name.Value.Any(c => c is ' ' or '\t' or '\n' or '\f' or '\r' or '/' or '>' or '=')) throw JinjaFault.Value($"Invalid character in attribute name: {PythonText.Quote(name.Value)}");
            if (buffer.Length > 0 || space) buffer.Append(" ");
            buffer.Append(Html.Escape(name, run.Budget)).Append("=\"").Append(Html.Escape(FilterTable.Text(run, item), run.Budget)).Append("\"");
        }

        return buffer.ToText();
    }

    private static JinjaText Quote(Evaluation run, JinjaText text, string safe)
    {
        run.Budget.Characters(text.Value.Length * 3L);
        var output = new StringBuilder();
        foreach (byte unit in Encoding.UTF8.GetBytes(text.Value))
        {
            char c = (char)unit;
            if (char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '~' || safe.Contains(c, StringComparison.Ordinal)) output.Append(c);
            else output.Append('%').Append(unit.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return text.Plain().Derive(output.ToString());
    }

    private static JinjaText Plus(JinjaText text) => text.Derive(text.Value.Replace("%20", "+", StringComparison.Ordinal));
}

using System.Globalization;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Formatting;

/// <summary>str.format and str.format_map, with attributes and items looked up as the sandbox allows.</summary>
internal static class BraceFormat
{
    public static JinjaText Format(Evaluation run, JinjaText format, IReadOnlyList<object> positional, Func<string, object?> named, int depth = 0)
    {
        if (depth > 2) throw JinjaFault.Value("Max string recursion exceeded");
        var budget = run.Budget;
        var buffer = new TextBuffer(budget);
        string text = format.Value;
        int automatic = 0, start = 0;
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] is not ('{' or '}')) continue;
            buffer.Append(format.Slice(start, at));
            if (at + 1 < text.Length && text[at + 1] == text[at])
            {
                buffer.Append(format.Slice(at, at + 1));
                start = ++at + 1;
                continue;
            }

            if (text[at] == '}') throw JinjaFault.Value("Single '}' encountered in format string");
            int end = Close(text, at);
            buffer.Append(Field(run, format.Slice(at + 1, end), positional, named, ref automatic, depth));
            at = end;
            start = end + 1;
        }

        return buffer.Append(format.Slice(start, text.Length)).ToText(format.IsMarkup);
    }

    private static int Close(string text, int open)
    {
        int level = 0;
        for (int at = open; at < text.Length; at++)
        {
            if (text[at] == '{') level++;
            else if (text[at] == '}' && --level == 0) return at;
            else if (text[at] == '[' && level == 1)
            {
                // A closing brace within an index belongs to the index.
                int close = text.IndexOf(']', at);
                if (close > 0) at = close;
            }
        }

        throw JinjaFault.Value("expected '}' before end of string");
    }

    private static JinjaText Field(Evaluation run, JinjaText field, IReadOnlyList<object> positional, Func<string, object?> named, ref int automatic, int depth)
    {
        string text = field.Value;
        int colon = text.IndexOf(':', StringComparison.Ordinal), mark = text.IndexOf('!', StringComparison.Ordinal);
        if (mark >= 0 && colon >= 0 && mark > colon) mark = -1;
        string name = text[..(mark >= 0 ? mark : colon >= 0 ? colon : text.Length)];
        char conversion = '\0';
        if (mark >= 0)
        {
            string written = text[(mark + 1)..(colon >= 0 ? colon : text.Length)];
            conversion = written.Length == 1 && written[0] is 'r' or 's' or 'a' ? written[0]
                : throw JinjaFault.Value($"Unknown conversion specifier '{written}'");
        }

        object value = Find(run, name, positional, named, ref automatic);
        if (conversion == 's') value = PythonText.Str(value, run.Budget);
        if (conversion == 'r') value = PythonText.Repr(value, run.Budget);
        if (conversion == 'a') value = (JinjaText)PercentFormat.Ascii(PythonText.Repr(value, run.Budget).Value);
        var spec = colon < 0 ? "" : Format(run, field.Slice(colon + 1, text.Length), positional, named, depth + 1).Value;
        return FormatSpec.Parse(spec).Apply(value, run.Budget);
    }

    private static object Find(Evaluation run, string name, IReadOnlyList<object> positional, Func<string, object?> named, ref int automatic)
    {
        int end = name.AsSpan().IndexOfAny('.', '[');
        string first = end < 0 ? name : name[..end];
        object value;
        if (first.Length == 0 || (first.All(char.IsAsciiDigit) && first.Length < 9))
        {
            if (first.Length == 0 && automatic < 0) throw JinjaFault.Value("cannot switch from manual field specification to automatic field numbering");
            int index = first.Length == 0 ? automatic++ : int.Parse(first, CultureInfo.InvariantCulture);
            if (first.Length > 0) automatic = automatic > 0 ? throw JinjaFault.Value("cannot switch from automatic field numbering to manual field specification") : -1;
            value = index < positional.Count ? positional[index] : throw new JinjaFault(JinjaErrorKind.Runtime, $"Replacement index {index} out of range for positional args tuple");
        }
        else
        {
            value = named(first) ?? throw new JinjaFault(JinjaErrorKind.Runtime, $"KeyError: {PythonText.Quote(first)}");
        }

        for (int at = end; at >= 0 && at < name.Length;)
        {
            if (name[at] == '.')
            {
                int next = name.AsSpan(at + 1).IndexOfAny('.', '[');
                int stop = next < 0 ? name.Length : at + 1 + next;
                value = Attributes.Get(run, value, name[(at + 1)..stop]);
                at = stop;
            }
            else
            {
                int close = name.IndexOf(']', at);
                if (name[at] != '[' || close < 0) throw JinjaFault.Value("Missing ']' in format string");
                string key = name[(at + 1)..close];
                value = Attributes.Item(run, value, key.All(char.IsAsciiDigit) && key.Length is > 0 and < 10 ? long.Parse(key, CultureInfo.InvariantCulture) : (JinjaText)key);
                at = close + 1;
            }
        }

        return value;
    }
}

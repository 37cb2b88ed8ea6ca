using Studio.Core.Text.Jinja.Formatting;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Filters;

/// <summary>Filters that change texts.</summary>
internal static class TextFilters
{
    public static object Upper(Evaluation run, object value, CallArguments arguments) => Mapped(run, value, "upper", arguments, CaseMapping.Upper);

    public static object Lower(Evaluation run, object value, CallArguments arguments) => Mapped(run, value, "lower", arguments, CaseMapping.Lower);

    public static object Capitalize(Evaluation run, object value, CallArguments arguments) => Mapped(run, value, "capitalize", arguments, CaseMapping.Capitalize);

    /// <summary>Words start after blanks, hyphens and opening brackets; unlike str.title, letters after apostrophes stay small.</summary>
    public static object Title(Evaluation run, object value, CallArguments arguments) => Mapped(run, value, "title", arguments, text =>
    {
        var output = new System.Text.StringBuilder(text.Length);
        for (int at = 0; at < text.Length;)
        {
            int start = at;
            while (at < text.Length && StartsWord(text[at])) at++;
            output.Append(text, start, at - start);
            start = at;
            while (at < text.Length && !StartsWord(text[at])) at++;
            if (at == start) continue;
            int width = CodePoints.Width(text, start);
            output.Append(CaseMapping.Upper(text.Substring(start, width))).Append(CaseMapping.Lower(text[(start + width)..at]));
        }

        return output.ToString();
    });

    public static object Trim(Evaluation run, object value, CallArguments arguments)
    {
        object? characters = arguments.Bind("trim", ["chars"])[0];
        return StringMethods.Strip(FilterTable.Text(run, value), characters is null or JinjaNone ? null
            : (characters as JinjaText ?? throw JinjaFault.Type("strip arg must be None or str")).Value, true, true, run.Budget);
    }

    public static object Center(Evaluation run, object value, CallArguments arguments) =>
        Padding.Apply(FilterTable.Text(run, value), Numbers.ToIndex(arguments.Bind("center", ["width"])[0] ?? 80L), " ", "center", run.Budget);

    public static object Replace(Evaluation run, object value, CallArguments arguments)
    {
        var bound = arguments.Bind("replace", ["old", "new", "count"], 2);
        return StringSearch.Replace(FilterTable.Text(run, value).Plain(), FilterTable.Text(run, bound[0]!).Plain(), FilterTable.Text(run, bound[1]!).Plain(),
            bound[2] is null or JinjaNone ? -1 : Numbers.ToIndex(bound[2]!), run.Budget);
    }

    public static object Format(Evaluation run, object value, CallArguments arguments)
    {
        if (arguments.Positional.Count > 0 && arguments.Named.Count > 0) throw JinjaFault.Type("can't handle positional and keyword arguments at the same time");
        object values = new JinjaList(arguments.Positional, true);
        if (arguments.Named.Count > 0)
        {
            var dict = new JinjaDict();
            foreach (var (name, argument) in arguments.Named) dict.Set((JinjaText)name, argument);
            values = dict;
        }

        return PercentFormat.Format(FilterTable.Text(run, value), values, run.Budget);
    }

    public static object Indent(Evaluation run, object value, CallArguments arguments)
    {
        var bound = arguments.Bind("indent", ["width", "first", "blank"]);
        var indent = bound[0] as JinjaText ?? (JinjaText)Blanks(Numbers.ToIndex(bound[0] ?? 4L), run.Budget);
        bool first = bound[1] is { } f && Comparison.IsTrue(f), blank = bound[2] is { } b && Comparison.IsTrue(b);
        if (value is JinjaUndefined undefined) throw undefined.Fault();
        var input = value as JinjaText ?? throw JinjaFault.Type($"unsupported operand type(s) for +=: '{TypeNames.Of(value)}' and 'str'");
        // jinja2 adds a newline, so that one at the end counts as a line of its own.
        var lines = StringSearch.Lines(new TextBuffer(run.Budget).Append(input).Append("\n").ToText(input.IsMarkup), false, run.Budget).Items;
        var output = new TextBuffer(run.Budget);
        for (int i = 0; i < lines.Count; i++)
        {
            var line = (JinjaText)lines[i];
            if (i > 0) output.Append("\n");
            if (i == 0 ? first : blank || line.Value.Length > 0) output.Append(indent);
            output.Append(line);
        }

        return output.ToText(input.IsMarkup);
    }

    public static object Truncate(Evaluation run, object value, CallArguments arguments)
    {
        var bound = arguments.Bind("truncate", ["length", "killwords", "end", "leeway"]);
        int length = Numbers.ToIndex(bound[0] ?? 255L), leeway = bound[3] is null or JinjaNone ? 5 : Numbers.ToIndex(bound[3]!);
        bool killWords = bound[1] is { } kill && Comparison.IsTrue(kill);
        var end = bound[2] as JinjaText ?? "...";
        if (length < end.Length) throw JinjaFault.Value($"expected length >= {end.Length}, got {length}");
        if (leeway < 0) throw JinjaFault.Value($"expected leeway >= 0, got {leeway}");
        if (Iteration.Length(value) <= (long)length + leeway) return value;
        var text = value as JinjaText ?? throw JinjaFault.Type($"object of type '{TypeNames.Of(value)}' cannot be truncated");
        var kept = text.Slice(0, CodePoints.Offset(text, length - end.Length));
        if (!killWords)
        {
            int blank = kept.Value.LastIndexOf(' ');
            if (blank >= 0) kept = kept.Slice(0, blank);
        }

        return new TextBuffer(run.Budget).Append(kept).Append(end).ToText(text.IsMarkup);
    }

    public static object WordCount(Evaluation run, object value, CallArguments arguments)
    {
        arguments.Bind("wordcount", []);
        var text = FilterTable.Text(run, value).Value;
        long count = 0;
        bool inside = false;
        for (int at = 0; at < text.Length; at += CodePoints.Width(text, at))
        {
            bool word = CodePoints.IsWord(CodePoints.At(text, at));
            if (word && !inside) count++;
            inside = word;
        }

        return count;
    }

    /// <summary>pprint.pformat of what fits on one line.</summary>
    public static object PrettyPrint(Evaluation run, object value, CallArguments arguments)
    {
        var text = PythonText.Repr(Sorted(value, run.Budget), run.Budget);
        return text.Length <= 80 || value is not (JinjaList or JinjaDict or JinjaText) ? text
            : throw JinjaFault.Type("the filter 'pprint' is only available for values that fit on one line of 80 characters");
    }

    private static object Sorted(object value, Budget budget)
    {
        if (value is JinjaList list) return new JinjaList([.. list.Items.Select(item => Sorted(item, budget))], list.IsTuple);
        if (value is not JinjaDict dict) return value;
        var sorted = new JinjaDict();
        foreach (var (key, item) in Comparison.Sorted(dict.Entries, entry => entry.Key, budget)) sorted.Set(key, Sorted(item, budget));
        return sorted;
    }

    private static JinjaText Mapped(Evaluation run, object value, string name, CallArguments arguments, Func<string, string> map)
    {
        arguments.Bind(name, []);
        var text = FilterTable.Text(run, value);
        run.Budget.Characters(text.Value.Length * 2L);
        run.Budget.Step(text.Value.Length >> 2);
        return text.Derive(map(text.Value));
    }

    private static string Blanks(int count, Budget budget)
    {
        budget.Characters(Math.Max(0, count));
        return new string(' ', Math.Max(0, count));
    }

    private static bool StartsWord(char c) => c is '-' or '(' or '{' or '[' or '<' || CodePoints.IsSpace(c);
}

namespace Studio.Core.Text.Jinja.Values;

/// <summary>Methods of Python's str that search for a part.</summary>
internal static class StringSearch
{
    public static JinjaText RemoveEnd(JinjaText text, JinjaText end, bool atStart)
    {
        if (end.Value.Length == 0) return text;
        if (atStart) return text.Value.StartsWith(end.Value, StringComparison.Ordinal) ? text.Slice(end.Value.Length, text.Value.Length) : text;
        return text.Value.EndsWith(end.Value, StringComparison.Ordinal) ? text.Slice(0, text.Value.Length - end.Value.Length) : text;
    }

    /// <param name="text">Where to replace.</param>
    /// <param name="old">What; between all characters where empty.</param>
    /// <param name="replacement">By what.</param>
    /// <param name="count">At most how often; all where negative.</param>
    /// <param name="budget">Bounds of the rendering.</param>
    public static JinjaText Replace(JinjaText text, JinjaText old, JinjaText replacement, int count, Budget budget)
    {
        budget.Scan(text.Value.Length);
        if (count < 0) count = int.MaxValue;
        var buffer = new TextBuffer(budget);
        int start = 0;
        for (int done = 0; done < count; done++)
        {
            budget.Step();
            if (old.Value.Length == 0)
            {
                buffer.Append(replacement);
                if (start >= text.Value.Length) return buffer.ToText(text.IsMarkup);
                int width = CodePoints.Width(text.Value, start);
                buffer.Append(text.Slice(start, start + width));
                start += width;
                continue;
            }

            int at = text.Value.IndexOf(old.Value, start, StringComparison.Ordinal);
            if (at < 0) break;
            buffer.Append(text.Slice(start, at)).Append(replacement);
            start = at + old.Value.Length;
        }

        return start == 0 && buffer.Length == 0 ? text : buffer.Append(text.Slice(start, text.Value.Length)).ToText(text.IsMarkup);
    }

    public static JinjaList Split(JinjaText text, string name, CallArguments arguments, bool fromRight, Budget budget)
    {
        var bound = arguments.Bind(name, ["sep", "maxsplit"]);
        int most = bound[1] is { } given ? Numbers.ToIndex(given) : -1;
        if (most < 0) most = int.MaxValue;
        budget.Characters(text.Value.Length);
        var parts = bound[0] is null or JinjaNone ? Words(text, most, fromRight) : Parts(text, Required(bound[0]!), most, fromRight);
        var items = new List<object>();
        foreach (var part in parts)
        {
            budget.Items(1);
            items.Add(part);
        }

        if (fromRight) items.Reverse();
        return new JinjaList(items);
    }

    public static JinjaList Lines(JinjaText text, bool keepEnds, Budget budget)
    {
        var items = new List<object>();
        string value = text.Value;
        budget.Characters(value.Length);
        for (int start = 0, at = 0; start < value.Length; start = at)
        {
            while (at < value.Length && !IsLineEnd(value[at])) at++;
            int end = at;
            if (at < value.Length) at += value[at] == '\r' && at + 1 < value.Length && value[at + 1] == '\n' ? 2 : 1;
            budget.Items(1);
            items.Add(text.Slice(start, keepEnds ? at : end));
        }

        return new JinjaList(items);
    }

    public static JinjaList Partition(JinjaText text, JinjaText separator, bool fromRight)
    {
        if (separator.Value.Length == 0) throw JinjaFault.Value("empty separator");
        int at = fromRight ? text.Value.LastIndexOf(separator.Value, StringComparison.Ordinal) : text.Value.IndexOf(separator.Value, StringComparison.Ordinal);
        if (at < 0) return fromRight ? JinjaList.Tuple(JinjaText.Empty, JinjaText.Empty, text) : JinjaList.Tuple(text, JinjaText.Empty, JinjaText.Empty);
        int end = at + separator.Value.Length;
        return JinjaList.Tuple(text.Slice(0, at), text.Slice(at, end), text.Slice(end, text.Value.Length));
    }

    public static object StartsOrEnds(JinjaText text, string name, CallArguments arguments, bool atStart, Budget budget)
    {
        var bound = arguments.Bind(name, ["prefix", "start", "end"], 1);
        if (Window(text, bound[1], bound[2]) is not { } window) return false;
        var wanted = bound[0] is JinjaList { IsTuple: true } several ? several.Items : [bound[0]!];
        budget.Step(wanted.Count);
        var part = text.Value.AsSpan(window.Start, window.End - window.Start);
        foreach (object candidate in wanted)
        {
            string end = Required(candidate).Value;
            if (atStart ? part.StartsWith(end, StringComparison.Ordinal) : part.EndsWith(end, StringComparison.Ordinal)) return true;
        }

        return false;
    }

    public static object? Find(JinjaText text, string name, CallArguments arguments, bool last, Budget budget)
    {
        var bound = arguments.Bind(name, ["sub", "start", "end"], 1);
        var wanted = Required(bound[0]!);
        if (Window(text, bound[1], bound[2]) is not { } window) return null;
        budget.Scan(text.Value.Length);
        var part = text.Value.AsSpan(window.Start, window.End - window.Start);
        int at = last ? part.LastIndexOf(wanted.Value, StringComparison.Ordinal) : part.IndexOf(wanted.Value, StringComparison.Ordinal);
        return at < 0 ? null : (long)CodePoints.Position(text, window.Start + at);
    }

    public static object Count(JinjaText text, CallArguments arguments, Budget budget)
    {
        var bound = arguments.Bind("count", ["sub", "start", "end"], 1);
        var wanted = Required(bound[0]!);
        if (Window(text, bound[1], bound[2]) is not { } window) return 0L;
        budget.Scan(text.Value.Length);
        string part = text.Value[window.Start..window.End];
        if (wanted.Value.Length == 0) return (long)CodePoints.Count(part) + 1;
        long count = 0;
        for (int at = 0; (at = part.IndexOf(wanted.Value, at, StringComparison.Ordinal)) >= 0; at += wanted.Value.Length) count++;
        return count;
    }

    private static (int Start, int End)? Window(JinjaText text, object? start, object? end)
    {
        int Bound(object? value, int standard)
        {
            if (value is null or JinjaNone) return standard;
            int index = Numbers.ToIndex(value);
            return index < 0 ? Math.Max(0, index + text.Length) : index;
        }

        int from = Bound(start, 0), to = Math.Min(Bound(end, text.Length), text.Length);
        return from > to ? null : (CodePoints.Offset(text, from), CodePoints.Offset(text, to));
    }

    private static IEnumerable<JinjaText> Words(JinjaText text, int most, bool fromRight)
    {
        string value = text.Value;
        int start = 0, end = value.Length;
        for (int count = 0; ; count++)
        {
            while (start < end && CodePoints.IsSpace(value[fromRight ? end - 1 : start])) _ = fromRight ? end-- : start++;
            if (start >= end) yield break;
            if (count == most)
            {
                yield return text.Slice(start, end);
                yield break;
            }

            int at = fromRight ? end : start;
            while (fromRight ? at > start && !CodePoints.IsSpace(value[at - 1]) : at < end && !CodePoints.IsSpace(value[at])) at += fromRight ? -1 : 1;
            yield return fromRight ? text.Slice(at, end) : text.Slice(start, at);
            if (fromRight) end = at;
            else start = at;
        }
    }

    private static IEnumerable<JinjaText> Parts(JinjaText text, JinjaText separator, int most, bool fromRight)
    {
        if (separator.Value.Length == 0) throw JinjaFault.Value("empty separator");
        int start = 0, end = text.Value.Length;
        for (int count = 0; count < most; count++)
        {
            int at = fromRight ? text.Value.AsSpan(0, end).LastIndexOf(separator.Value, StringComparison.Ordinal)
                : text.Value.IndexOf(separator.Value, start, StringComparison.Ordinal);
            if (at < 0) break;
            yield return fromRight ? text.Slice(at + separator.Value.Length, end) : text.Slice(start, at);
            if (fromRight) end = at;
            else start = at + separator.Value.Length;
        }

        yield return text.Slice(start, end);
    }

    private static bool IsLineEnd(char c) => c is '\n' or '\r' or '\v' or '\f' or '\x1c' or '\x1d' or '\x1e' or '\x85' or '\u2028' or '\u2029';

    private static JinjaText Required(object value) => value as JinjaText ?? throw JinjaFault.Type($"must be str, not {TypeNames.Of(value)}");
}

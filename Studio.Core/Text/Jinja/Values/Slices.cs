namespace Studio.Core.Text.Jinja.Values;

/// <summary><c>value[start:stop:step]</c> as Python does it.</summary>
internal static class Slices
{
    public static object Take(object owner, object? start, object? stop, object? step, Budget budget)
    {
        if (owner is JinjaUndefined undefined) throw undefined.Fault();
        // jinja2 leaves slices to Python, which has no undefined for what cannot be sliced.
        if (owner is not (JinjaText or JinjaList or JinjaRange)) throw JinjaFault.Type($"'{TypeNames.Of(owner)}' object is not subscriptable");
        int count = (int)Iteration.Length(owner);
        int width = Index(step) ?? 1;
        if (width == 0) throw JinjaFault.Value("slice step cannot be zero");
        int first = Bound(Index(start), width > 0 ? 0 : count - 1, count, width), end = Bound(Index(stop), width > 0 ? count : -1, count, width);
        long length = width > 0 ? (end > first ? ((long)end - first - 1) / width + 1 : 0) : (first > end ? ((long)first - end - 1) / -(long)width + 1 : 0);
        switch (owner)
        {
            case JinjaRange range:
                return new JinjaRange(range.Start + first * range.Step, range.Step * width, (int)length);
            case JinjaList list:
                budget.Items(length);
                var items = new object[length];
                for (int i = 0; i < length; i++) items[i] = list.Items[first + i * width];
                return new JinjaList(items, list.IsTuple);
            default:
                return Text((JinjaText)owner, first, (int)length, width, budget);
        }
    }

    private static JinjaText Text(JinjaText text, int first, int length, int width, Budget budget)
    {
        budget.Characters(length);
        if (!text.IsFlat) budget.Scan(text.Value.Length);
        if (length == 0) return text.Slice(0, 0);
        if (width == 1) return text.Slice(CodePoints.Offset(text, first), CodePoints.Offset(text, first + length));
        var points = CodePoints.Split(text).ToArray();
        budget.Step(points.Length);
        var buffer = new TextBuffer(budget);
        for (int i = 0; i < length; i++) buffer.Append(points[first + i * width]);
        return buffer.ToText(text.IsMarkup);
    }

    private static int? Index(object? value) => value switch
    {
        null or JinjaNone => null,
        JinjaUndefined undefined => throw undefined.Fault(),
        _ when Numbers.IsInteger(value) => Numbers.ToIndex(value),
        _ => throw JinjaFault.Type("slice indices must be integers or None or have an __index__ method"),
    };

    private static int Bound(int? index, int standard, int count, int width)
    {
        if (index is not { } value) return standard;
        long position = value < 0 ? (long)value + count : value;
        return (int)(width > 0 ? Math.Clamp(position, 0, count) : Math.Clamp(position, -1, count - 1));
    }
}

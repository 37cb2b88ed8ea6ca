using System.Globalization;
using System.Numerics;
using System.Text;

namespace Studio.Core.Text.Jinja.Values;

/// <summary>Python's str() and repr() of values.</summary>
internal static class PythonText
{
    private const int DeepestNesting = 200;

    /// <summary>str() of a value, which is also what a print statement writes.</summary>
    public static JinjaText Str(object value, Budget budget) => value switch
    {
        JinjaText text => text,
        JinjaUndefined => JinjaText.Empty,
        JinjaNone => "None",
        long number => number.ToString(CultureInfo.InvariantCulture),
        _ => Repr(value, budget),
    };

    /// <summary>repr() of a value.</summary>
    public static JinjaText Repr(object value, Budget budget)
    {
        var buffer = new TextBuffer(budget);
        Append(buffer, value, budget, 0);
        return buffer.ToText();
    }

    /// <summary>repr() of a scalar, for messages.</summary>
    public static string ShortRepr(object value) => Scalar(value) ?? (value is JinjaText text ? Quote(text.Value) : $"<{TypeNames.Of(value)}>");

    /// <summary>repr() of a str.</summary>
    public static string Quote(string text)
    {
        char quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        var output = new StringBuilder(text.Length + 2).Append(quote);
        for (int at = 0, width; at < text.Length; at += width)
        {
            width = CodePoints.Width(text, at);
            int point = CodePoints.At(text, at);
            if (point == quote || point == '\\') output.Append('\\').Append((char)point);
            else if (point == '\n') output.Append("\\n");
            else if (point == '\r') output.Append("\\r");
            else if (point == '\t') output.Append("\\t");
            else if (point is >= ' ' and < 127 || (point > 127 && CodePoints.IsPrintable(point))) output.Append(text, at, width);
            else output.Append(CultureInfo.InvariantCulture, $"{(point <= 0xff ? $"\\x{point:x2}" : point <= 0xffff ? $"\\u{point:x4}" : $"\\U{point:x8}")}");
        }

        return output.Append(quote).ToString();
    }

    /// <summary>Without white space at both ends, as strip() does.</summary>
    public static string Strip(string text)
    {
        int start = 0, end = text.Length;
        while (start < end && CodePoints.IsSpace(text[start])) start++;
        while (end > start && CodePoints.IsSpace(text[end - 1])) end--;
        return text[start..end];
    }

    private static string? Scalar(object value) => value switch
    {
        JinjaNone => "None",
        bool flag => flag ? "True" : "False",
        long number => number.ToString(CultureInfo.InvariantCulture),
        BigInteger big => Formatting.NumberText.Integer(big),
        double number => Formatting.NumberText.Repr(number),
        JinjaUndefined => "Undefined",
        _ => null,
    };

    private static void Append(TextBuffer buffer, object value, Budget budget, int depth)
    {
        if (depth > DeepestNesting) throw JinjaFault.Limit($"values nested more than {DeepestNesting} levels deep");
        budget.Step();
        if (Scalar(value) is { } scalar)
        {
            buffer.Append(scalar);
            return;
        }

        switch (value)
        {
            case JinjaText text:
                if (text.IsMarkup) buffer.Append("Markup(");
                buffer.Append(Quote(text.Value), text.Blended);
                if (text.IsMarkup) buffer.Append(")");
                break;
            case JinjaList list:
                Sequence(buffer, list.IsTuple ? "(" : "[", list.Items, list.IsTuple ? list.Count == 1 ? ",)" : ")" : "]", budget, depth);
                break;
            case JinjaDict dict:
                Pairs(buffer, dict.Entries.Select(entry => (Repr(entry.Key, budget), entry.Value)), budget, depth);
                break;
            case DictView view:
                buffer.Append(TypeNames.Of(view));
                Sequence(buffer, "([", view.Items, "])", budget, depth);
                break;
            case JinjaRange range:
                buffer.Append(string.Create(CultureInfo.InvariantCulture, $"range({range.Start}, {range.WrittenStop}{(range.Step == 1 ? "" : $", {range.Step}")})"));
                break;
            case JinjaNamespace space:
                buffer.Append("<Namespace ");
                Pairs(buffer, space.Attributes.Select(entry => ((JinjaText)Quote(entry.Key), entry.Value)), budget, depth);
                buffer.Append(">");
                break;
            case Macro macro:
                buffer.Append($"<Macro {(macro.Name.Length == 0 ? "anonymous" : Quote(macro.Name))}>");
                break;
            case LoopState loop:
                buffer.Append(string.Create(CultureInfo.InvariantCulture, $"<LoopContext {loop.Index}/{loop.Length}>"));
                break;
            case JinjaFunction function:
                buffer.Append(function.Type == "type" ? $"<class '{function.Name}'>" : $"<{function.Type} {function.Name}>");
                break;
            default:
                buffer.Append($"<{TypeNames.Of(value)} object>");
                break;
        }
    }

    private static void Sequence(TextBuffer buffer, string open, IEnumerable<object> items, string close, Budget budget, int depth)
    {
        buffer.Append(open);
        bool first = true;
        foreach (object item in items)
        {
            if (!first) buffer.Append(", ");
            Append(buffer, item, budget, depth + 1);
            first = false;
        }

        buffer.Append(close);
    }

    private static void Pairs(TextBuffer buffer, IEnumerable<(JinjaText Key, object Value)> pairs, Budget budget, int depth)
    {
        buffer.Append("{");
        bool first = true;
        foreach (var (key, value) in pairs)
        {
            if (!first) buffer.Append(", ");
            buffer.Append(key).Append(": ");
            Append(buffer, value, budget, depth + 1);
            first = false;
        }

        buffer.Append("}");
    }
}

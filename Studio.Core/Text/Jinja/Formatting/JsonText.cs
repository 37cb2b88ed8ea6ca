using System.Globalization;
using System.Numerics;
using System.Text;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Formatting;

/// <summary>json.dumps of Python, with the arguments that transformers' tojson filter passes on.</summary>
internal sealed class JsonText(Budget budget)
{
    private const int DeepestNesting = 200;
    private readonly TextBuffer _buffer = new(budget);

    public bool EnsureAscii { get; init; }

    /// <summary>What one level is indented by; null for everything on one line.</summary>
    public string? Indent { get; init; }

    public required string ItemSeparator { get; init; }

    public required string KeySeparator { get; init; }

    public bool SortKeys { get; init; }

    public JinjaText Write(object value)
    {
        Write(value, 0);
        return _buffer.ToText();
    }

    private void Write(object value, int depth)
    {
        if (depth > DeepestNesting) throw JinjaFault.Limit($"values nested more than {DeepestNesting} levels deep");
        budget.Step();
        switch (value)
        {
            case JinjaText text: _buffer.Append(Quote(text.Value), text.Blended); break;
            case JinjaList list: Items("[", "]", [.. list.Items.Select(item => (Action)(() => Write(item, depth + 1)))], depth); break;
            case JinjaDict dict: Items("{", "}", [.. Entries(dict).Select(entry => (Action)(() => Entry(entry.Key, entry.Value, depth)))], depth); break;
            default: _buffer.Append(Scalar(value) ?? throw JinjaFault.Type($"Object of type {TypeNames.Of(value)} is not JSON serializable")); break;
        }
    }

    private IEnumerable<KeyValuePair<object, object>> Entries(JinjaDict dict) =>
        SortKeys ? Comparison.Sorted(dict.Entries, entry => entry.Key, budget) : dict.Entries;

    private void Entry(object key, object value, int depth)
    {
        var name = key as JinjaText ?? Scalar(key) ?? throw JinjaFault.Type($"keys must be str, int, float, bool or None, not {TypeNames.Of(key)}");
        _buffer.Append(Quote(name.Value), name.Blended).Append(KeySeparator);
        Write(value, depth + 1);
    }

    private void Items(string open, string close, IReadOnlyList<Action> items, int depth)
    {
        _buffer.Append(open);
        for (int i = 0; i < items.Count; i++)
        {
            if (i > 0) _buffer.Append(ItemSeparator);
            NewLine(depth + 1);
            items[i]();
        }

        if (items.Count > 0) NewLine(depth);
        _buffer.Append(close);
    }

    private void NewLine(int depth)
    {
        if (Indent is null) return;
        _buffer.Append("\n");
        for (int i = 0; i < depth; i++) _buffer.Append(Indent);
    }

    private static string? Scalar(object value) => value switch
    {
        JinjaNone => "null",
        bool flag => flag ? "true" : "false",
        long number => number.ToString(CultureInfo.InvariantCulture),
        BigInteger big => NumberText.Integer(big),
        double number => double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? (number > 0 ? "Infinity" : "-Infinity") : NumberText.Repr(number),
        _ => null,
    };

    private string Quote(string text)
    {
        budget.Scan(text.Length);
        var output = new StringBuilder(text.Length + 2).Append('"');
        foreach (char c in text)
            switch (c)
            {
                case '"': output.Append("\\\""); break;
                case '\\': output.Append("\\\\"); break;
                case '\n': output.Append("\\n"); break;
                case '\r': output.Append("\\r"); break;
                case '\t': output.Append("\\t"); break;
                case '\f': output.Append("\\f"); break;
                case '\b': output.Append("\\b"); break;
                default:
                    if (c < ' ' || (EnsureAscii && c > '~')) output.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    else output.Append(c);
                    break;
            }

        return output.Append('"').ToString();
    }
}

namespace Studio.Core.Text.Jinja.Values;

/// <summary>Widening a text with a repeated character.</summary>
internal static class Padding
{
    /// <param name="text">The text.</param>
    /// <param name="width">The wanted width in code points.</param>
    /// <param name="fill">One character.</param>
    /// <param name="side"><c>ljust</c>, <c>rjust</c> or <c>center</c>.</param>
    /// <param name="budget">Bounds of the rendering.</param>
    public static JinjaText Apply(JinjaText text, int width, JinjaText fill, string side, Budget budget)
    {
        int missing = width - text.Length;
        if (missing <= 0) return text;
        // str.center puts the odd blank to the left where the width is odd.
        int before = side switch { "ljust" => 0, "rjust" => missing, _ => missing / 2 + (missing & width & 1) };
        var buffer = Repeat(new TextBuffer(budget), fill, before, budget).Append(text);
        return Repeat(buffer, fill, missing - before, budget).ToText(text.IsMarkup);
    }

    public static TextBuffer Repeat(TextBuffer buffer, JinjaText fill, int count, Budget budget)
    {
        if (count <= 0) return buffer;
        budget.Characters((long)count * fill.Value.Length);
        return buffer.Append(fill.Value.Length == 1 ? new string(fill.Value[0], count) : string.Concat(Enumerable.Repeat(fill.Value, count)), fill.Blended);
    }
}

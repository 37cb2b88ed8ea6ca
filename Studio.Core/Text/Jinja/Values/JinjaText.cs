namespace Studio.Core.Text.Jinja.Values;

/// <summary>A Python str that knows where its characters came from. Positions here are UTF-16 units; Python's are code points.</summary>
internal sealed class JinjaText
{
    public static readonly JinjaText Empty = new("");

    private int _length = -1;
    private int[]? _ends;

    /// <param name="value">The characters.</param>
    /// <param name="runs">Their origins, adding up to the length; null where the template wrote all of them.</param>
    /// <param name="markup">Whether it is a markupsafe.Markup: text that is already escaped for HTML.</param>
    public JinjaText(string value, TextRun[]? runs = null, bool markup = false)
    {
        Value = value;
        Runs = runs;
        IsMarkup = markup;
    }

    public string Value { get; }

    public TextRun[]? Runs { get; }

    public bool IsMarkup { get; }

    /// <summary>Length in code points.</summary>
    public int Length => _length >= 0 ? _length : _length = CodePoints.Count(Value);

    /// <summary>Whether a code point is a UTF-16 unit everywhere in it.</summary>
    public bool IsFlat => Length == Value.Length;

    public static JinjaText From(string value, int origin) =>
        value.Length == 0 ? Empty : origin == Origins.Template ? new(value) : new(value, [new TextRun(value.Length, origin)]);

    public static implicit operator JinjaText(string value) => new(value);

    /// <summary>One origin for a text whose characters cannot be told apart any more.</summary>
    public int Blended
    {
        get
        {
            int origin = Origins.Template;
            if (Runs is not null)
                foreach (var run in Runs)
                    origin = Origins.Blend(origin, run.Origin);
            return origin;
        }
    }

    /// <summary>The part from one UTF-16 position up to another.</summary>
    public JinjaText Slice(int start, int end)
    {
        if (start == 0 && end == Value.Length) return this;
        if (end <= start) return IsMarkup ? new JinjaText("", null, true) : Empty;
        string part = Value[start..end];
        if (Runs is null) return new JinjaText(part, null, IsMarkup);
        if (Runs.Length == 1) return new JinjaText(part, [Runs[0] with { Length = part.Length }], IsMarkup);
        var runs = new List<TextRun>();
        int[] ends = _ends ??= Ends(Runs);
        int first = Array.BinarySearch(ends, start + 1);
        for (int i = first < 0 ? ~first : first, at = start; at < end; i++)
        {
            int stop = Math.Min(ends[i], end);
            runs.Add(new TextRun(stop - at, Runs[i].Origin));
            at = stop;
        }

        return new JinjaText(part, [.. runs], IsMarkup);
    }

    /// <summary>A text made from this one as a whole: case changed, formatted, spelled out.</summary>
    public JinjaText Derive(string value) => ReferenceEquals(value, Value) ? this : new(value, RunsOf(value, Blended), IsMarkup);

    /// <summary>The same characters as plain str.</summary>
    public JinjaText Plain() => IsMarkup ? new JinjaText(Value, Runs) : this;

    /// <summary>The same characters as Markup.</summary>
    public JinjaText AsMarkup() => IsMarkup ? this : new JinjaText(Value, Runs, true);

    public override string ToString() => Value;

    private static int[] Ends(TextRun[] runs)
    {
        var ends = new int[runs.Length];
        for (int i = 0, at = 0; i < runs.Length; i++) ends[i] = at += runs[i].Length;
        return ends;
    }

    private static TextRun[]? RunsOf(string value, int origin) =>
        origin == Origins.Template || value.Length == 0 ? null : [new TextRun(value.Length, origin)];
}

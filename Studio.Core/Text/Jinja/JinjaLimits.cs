namespace Studio.Core.Text.Jinja;

/// <summary>
/// Bounds of one rendering. They are counts, not times, so that a template renders or fails the same way on every machine; together they keep
/// a hostile template well below one second and 200 MB.
/// </summary>
public sealed record JinjaLimits
{
    /// <summary>The bounds that chat templates run under.</summary>
    public static JinjaLimits Default { get; } = new();

    /// <summary>Longest template, in UTF-16 units.</summary>
    public int TemplateLength { get; init; } = 1_000_000;

    /// <summary>Most evaluated nodes, loop turns and handled items.</summary>
    public long Steps { get; init; } = 600_000;

    /// <summary>Most characters in the rendered text.</summary>
    public long OutputLength { get; init; } = 4_000_000;

    /// <summary>Most characters that all texts made on the way may have together.</summary>
    public long TextLength { get; init; } = 16_000_000;

    /// <summary>Most items that all lists made on the way may have together.</summary>
    public long Items { get; init; } = 1_000_000;

    /// <summary>Deepest nesting of blocks, parentheses and chains in the template.</summary>
    public int Nesting { get; init; } = 150;

    /// <summary>Deepest evaluation, counted in nodes under evaluation at once.</summary>
    public int Depth { get; init; } = 2_000;

    /// <summary>Most macro calls and recursive loops under way at once.</summary>
    public int Calls { get; init; } = 150;

    /// <summary>Largest integer, in bits.</summary>
    public int IntegerBits { get; init; } = 14_000;
}

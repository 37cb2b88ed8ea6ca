namespace Studio.Core.Text.Jinja;

/// <summary>A stretch of a rendered text.</summary>
/// <param name="Start">Its first code point.</param>
/// <param name="End">The code point after its last.</param>
public readonly record struct JinjaSpan(int Start, int End);

namespace Studio.Core.Data;

/// <summary>Why a line of a dataset file is not used.</summary>
/// <param name="Line">The line, counted from 1.</param>
/// <param name="Column">The field, such as <c>messages[1].role</c>; empty where the whole line is at fault.</param>
/// <param name="Message">What was found and what was wanted.</param>
public sealed record RowError(int Line, string Column, string Message);

namespace Studio.Core.Text.Jinja;

/// <summary>A template could not be parsed or rendered. The message names line and column of the template; of a very long reason it has the beginning.</summary>
public sealed class JinjaException : Exception
{
    internal JinjaException(JinjaErrorKind kind, string reason, int line, int column, Exception? inner = null)
        : base($"chat template, line {line}, column {column}: {Excerpt.Of(reason, 2_000)}", inner)
    {
        Kind = kind;
        Reason = reason;
        Line = line;
        Column = column;
    }

    /// <summary>What kind of failure it is.</summary>
    public JinjaErrorKind Kind { get; }

    /// <summary>The message without the place; for <see cref="JinjaErrorKind.Raised"/> exactly what the template raised.</summary>
    public string Reason { get; }

    /// <summary>Line of the template, from 1.</summary>
    public int Line { get; }

    /// <summary>Column in that line, from 1.</summary>
    public int Column { get; }
}

/// <summary>A failure before its place in the template is known; never leaves <see cref="JinjaTemplate"/>.</summary>
internal sealed class JinjaFault(JinjaErrorKind kind, string reason) : Exception(reason)
{
    public JinjaErrorKind Kind { get; } = kind;

    /// <summary>What Python calls a TypeError.</summary>
    public static JinjaFault Type(string reason) => new(JinjaErrorKind.Runtime, reason);

    /// <summary>What Python calls a ValueError.</summary>
    public static JinjaFault Value(string reason) => new(JinjaErrorKind.Runtime, reason) { IsValueError = true };

    public static JinjaFault Limit(string reason) => new(JinjaErrorKind.Limit, reason);

    public static JinjaFault Security(string reason) => new(JinjaErrorKind.Security, reason);

    /// <summary>Whether Python would raise a ValueError, which some filters answer with their default.</summary>
    public bool IsValueError { get; private init; }
}

namespace Studio.Core.Text.Jinja;

/// <summary>Why a template could not be read or rendered.</summary>
public enum JinjaErrorKind
{
    /// <summary>The template itself is malformed; found when it is parsed.</summary>
    Syntax,

    /// <summary>An undefined value was used where Jinja needs a defined one.</summary>
    Undefined,

    /// <summary>The template called <c>raise_exception</c>.</summary>
    Raised,

    /// <summary>The sandbox refused an access.</summary>
    Security,

    /// <summary>A bound on steps, text, items or depth was reached.</summary>
    Limit,

    /// <summary>An operation on values of the wrong type, a division by zero, or what else Python raises at run time.</summary>
    Runtime,
}

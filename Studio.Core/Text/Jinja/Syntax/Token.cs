namespace Studio.Core.Text.Jinja.Syntax;

/// <summary>A kind of token.</summary>
internal enum TokenKind
{
    /// <summary>Text outside of tags.</summary>
    Data,
    PrintBegin,
    PrintEnd,
    BlockBegin,
    BlockEnd,
    Name,
    Text,
    Integer,
    Float,
    Operator,
    End,
}

/// <summary>A token of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">Its text; of a string the characters it stands for.</param>
/// <param name="At">Where it starts.</param>
internal readonly record struct Token(TokenKind Kind, string Value, int At)
{
    public bool IsName(string name) => Kind == TokenKind.Name && Value == name;

    public bool IsOperator(string sign) => Kind == TokenKind.Operator && Value == sign;

    /// <summary>The token as jinja2's messages describe it.</summary>
    public string Describe() => Kind switch
    {
        TokenKind.PrintBegin => "begin of print statement",
        TokenKind.PrintEnd => "end of print statement",
        TokenKind.BlockBegin => "begin of statement block",
        TokenKind.BlockEnd => "end of statement block",
        TokenKind.Data => "template data / text",
        TokenKind.End => "end of template",
        _ => Value,
    };
}

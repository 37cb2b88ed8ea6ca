namespace Studio.Core.Text.Jinja;

/// <summary>The text of a template as jinja2 reads it: line ends as \n, without one at its very end.</summary>
internal sealed class JinjaSource
{
    public JinjaSource(string template)
    {
        string text = template.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        Text = text.EndsWith('\n') ? text[..^1] : text;
    }

    public string Text { get; }

    /// <summary>Line and column of a position, both from 1.</summary>
    public (int Line, int Column) Locate(int at)
    {
        var before = Text.AsSpan(0, Math.Clamp(at, 0, Text.Length));
        return (before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
    }

    public JinjaException Error(JinjaErrorKind kind, string reason, int at, Exception? inner = null)
    {
        var (line, column) = Locate(at);
        return new JinjaException(kind, reason, line, column, inner);
    }
}

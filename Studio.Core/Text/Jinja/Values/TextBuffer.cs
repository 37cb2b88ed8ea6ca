using System.Text;

namespace Studio.Core.Text.Jinja.Values;

/// <summary>Builds a text together with the origins of its characters.</summary>
internal sealed class TextBuffer(Budget budget)
{
    private readonly StringBuilder _text = new();
    private readonly List<TextRun> _runs = [];
    private int _codePoints;
    private int _counted;

    public int Length => _text.Length;

    /// <summary>The length so far in code points; counts only what came since the last time.</summary>
    public int CodePointCount
    {
        get
        {
            int from = _counted;
            foreach (var chunk in _text.GetChunks())
            {
                foreach (char unit in chunk.Span[Math.Min(from, chunk.Length)..])
                    // A low surrogate is the second half of a code point.
                    if (!char.IsLowSurrogate(unit)) _codePoints++;
                from = Math.Max(0, from - chunk.Length);
            }

            _counted = _text.Length;
            return _codePoints;
        }
    }

    public TextBuffer Append(JinjaText text)
    {
        if (text.Value.Length == 0) return this;
        budget.Characters(text.Value.Length);
        _text.Append(text.Value);
        if (text.Runs is null) Add(new TextRun(text.Value.Length, Origins.Template));
        else
            foreach (var run in text.Runs) Add(run);
        return this;
    }

    public TextBuffer Append(string text, int origin = Origins.Template)
    {
        if (text.Length == 0) return this;
        budget.Characters(text.Length);
        _text.Append(text);
        Add(new TextRun(text.Length, origin));
        return this;
    }

    /// <summary>Appends characters of one origin.</summary>
    public TextBuffer Append(ReadOnlySpan<char> text, int origin)
    {
        if (text.Length == 0) return this;
        budget.Characters(text.Length);
        _text.Append(text);
        Add(new TextRun(text.Length, origin));
        return this;
    }

    public JinjaText ToText(bool markup = false)
    {
        if (_text.Length == 0) return markup ? new JinjaText("", null, true) : JinjaText.Empty;
        bool plain = _runs.Count == 1 && _runs[0].Origin == Origins.Template;
        return new JinjaText(_text.ToString(), plain ? null : [.. _runs], markup);
    }

    private void Add(TextRun run)
    {
        if (_runs.Count > 0 && _runs[^1].Origin == run.Origin) _runs[^1] = run with { Length = _runs[^1].Length + run.Length };
        else _runs.Add(run);
    }
}

using System.Text;

namespace Studio.Web.Playground;

/// <summary>
/// A text that grows at its end, in parts that never change once they are full. A render then sends the last part only, however long the
/// answer is.
/// </summary>
public sealed class AnswerText
{
    /// <summary>Characters from which on a part is full.</summary>
    public const int PartLength = 400;

    private readonly List<string> _full = [];
    private readonly StringBuilder _last = new();

    /// <summary>Characters so far.</summary>
    public int Length { get; private set; }

    /// <summary>The parts in order; together they are the text.</summary>
    public IReadOnlyList<string> Parts => [.. _full, _last.ToString()];

    /// <summary>Adds to the end.</summary>
    public void Append(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _last.Append(text);
        Length += text.Length;
        // A part never ends within a surrogate pair: halves are not characters.
        if (_last.Length < PartLength || char.IsHighSurrogate(_last[^1]))
            return;
        _full.Add(_last.ToString());
        _last.Clear();
    }

    /// <inheritdoc/>
    public override string ToString() => string.Concat(Parts);
}

using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja;

/// <summary>What a template rendered.</summary>
public sealed class JinjaRendering
{
    private readonly JinjaText _text;

    internal JinjaRendering(JinjaText text, IReadOnlyList<JinjaSpan> generations)
    {
        _text = text;
        Generations = generations;
    }

    /// <summary>The rendered text.</summary>
    public string Text => _text.Value;

    /// <summary>
    /// Its <c>{% generation %}</c> blocks as transformers reports them (<c>return_assistant_tokens_mask</c>). A block inside a macro or set block
    /// is reported where the macro was called; the loss mask uses the characters' own marks, which follow the text.
    /// </summary>
    public IReadOnlyList<JinjaSpan> Generations { get; }

    /// <summary>The text in stretches of one origin.</summary>
    internal IReadOnlyList<TextRun> Runs => _text.Runs ?? (_text.Value.Length == 0 ? [] : [new TextRun(_text.Value.Length, Origins.Template)]);
}

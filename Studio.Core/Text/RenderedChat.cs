namespace Studio.Core.Text;

/// <summary>A stretch of a rendered conversation.</summary>
/// <param name="Text">The text.</param>
/// <param name="Trained">Whether a fine-tune learns to write it.</param>
/// <param name="Control">Whether the template wrote it as control tokens. What people wrote is never control, whatever it spells.</param>
public readonly record struct RenderedPiece(string Text, bool Trained, bool Control);

/// <summary>A conversation as the model sees it, in pieces of different origin.</summary>
public sealed record RenderedChat(IReadOnlyList<RenderedPiece> Pieces)
{
    /// <summary>The whole text.</summary>
    public string Text => string.Concat(Pieces.Select(piece => piece.Text));
}

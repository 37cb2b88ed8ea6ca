namespace Studio.Core.Text;

/// <summary>Writes a conversation in the form that a chat model was trained on.</summary>
public interface IChatTemplate
{
    /// <summary>The control tokens that the template writes; a tokenizer without them cannot use it.</summary>
    IReadOnlyCollection<string> ControlTokens { get; }

    /// <summary>Renders a conversation in pieces. What the assistant says, with the token that ends its turn, is marked as trained.</summary>
    /// <param name="messages">The turns.</param>
    /// <param name="addGenerationPrompt">Whether to open an assistant turn at the end.</param>
    RenderedChat RenderPieces(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt);

    /// <summary>Renders a conversation as one text.</summary>
    /// <param name="messages">The turns.</param>
    /// <param name="addGenerationPrompt">Whether to open an assistant turn at the end.</param>
    string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt) => RenderPieces(messages, addGenerationPrompt).Text;

    /// <summary>Renders a whole conversation for training.</summary>
    /// <param name="messages">The turns.</param>
    RenderedChat RenderForTraining(IReadOnlyList<ChatMessage> messages) => RenderPieces(messages, addGenerationPrompt: false);
}

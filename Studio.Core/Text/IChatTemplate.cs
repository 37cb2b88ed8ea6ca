using System.Text.Json;

namespace Studio.Core.Text;

/// <summary>Writes a conversation in the form that a chat model was trained on.</summary>
public interface IChatTemplate
{
    /// <summary>Renders a conversation in pieces of different origin.</summary>
    /// <param name="messages">The turns.</param>
    /// <param name="options">What the template is given besides.</param>
    /// <exception cref="Jinja.JinjaException">The template refused the conversation or failed; the message names line and column.</exception>
    RenderedChat RenderPieces(IReadOnlyList<ChatMessage> messages, ChatTemplateOptions options);

    /// <summary>Renders a conversation whose messages carry more than text: tool calls, content parts, names.</summary>
    /// <param name="messages">A JSON array of messages, as the chat API takes them.</param>
    /// <param name="options">What the template is given besides.</param>
    /// <exception cref="Jinja.JinjaException">The template refused the conversation or failed; the message names line and column.</exception>
    RenderedChat RenderPieces(JsonElement messages, ChatTemplateOptions options);

    /// <summary>
    /// Renders a whole conversation for training. Trained is what the template marks as generation; where it marks nothing, every assistant turn
    /// from the end of its generation prompt to the token that ends it.
    /// </summary>
    /// <param name="messages">The turns.</param>
    /// <exception cref="Jinja.JinjaException">The template refused the conversation or failed; the message names line and column.</exception>
    RenderedChat RenderForTraining(IReadOnlyList<ChatMessage> messages);

    /// <summary>Renders a conversation in pieces of different origin.</summary>
    /// <param name="messages">The turns.</param>
    /// <param name="addGenerationPrompt">Whether to open an assistant turn at the end.</param>
    RenderedChat RenderPieces(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt) =>
        RenderPieces(messages, new ChatTemplateOptions { AddGenerationPrompt = addGenerationPrompt });

    /// <summary>Renders a conversation as one text.</summary>
    /// <param name="messages">The turns.</param>
    /// <param name="addGenerationPrompt">Whether to open an assistant turn at the end.</param>
    string Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt) => RenderPieces(messages, addGenerationPrompt).Text;
}

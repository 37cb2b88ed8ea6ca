using Studio.Core.Serving;
using Studio.Web.Formatting;

namespace Studio.Web.Playground;

/// <summary>Says what of a conversation the model's context did not hold.</summary>
public static class WindowText
{
    /// <summary>One or two sentences.</summary>
    public static string Of(ChatWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        // An answered turn is a question and an answer.
        var turns = (window.DroppedMessages + 1) / 2;
        var dropped = turns == 0 ? ""
            : $"{(turns == 1 ? "The first turn was" : $"The first {NumberText.Count(turns)} turns were")} left out of what the model was given: the conversation has "
                + $"{NumberText.Count(window.ConversationTokens)} tokens, and the context holds {NumberText.Count(window.ContextLength)}. ";
        return $"{dropped}Beside the {NumberText.Count(window.PromptTokens)} tokens of the prompt there is room for an answer of {NumberText.Count(window.MaxNewTokens)}.";
    }
}

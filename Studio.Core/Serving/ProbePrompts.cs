using Studio.Core.Text;

namespace Studio.Core.Serving;

/// <summary>A few everyday prompts that exports are compared on.</summary>
internal static class ProbePrompts
{
    private const int MostTokens = 96;

    private static readonly string[] Texts =
    [
        "Hello! Who are you?",
        "Tell me a short story about a fox.",
        "List three things that are green.",
        "My order has not arrived yet. What can I do?",
    ];

    /// <summary>Their token ids as the model is asked, each of at most 96 tokens and half of the context.</summary>
    public static IReadOnlyList<int[]> Of(LoadedModel model)
    {
        int most = Math.Min(MostTokens, Math.Max(1, model.Base.Config.ContextLength / 2));
        return [.. Texts.Select(text => model.Encoder.EncodeChat([new ChatMessage("user", text)], addGenerationPrompt: true).TakeLast(most).ToArray())];
    }
}

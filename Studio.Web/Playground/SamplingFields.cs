using Studio.Web.FineTunes;

namespace Studio.Web.Playground;

/// <summary>All fields of the playground's settings.</summary>
public static class SamplingFields
{
    public static FormField Model { get; } = new("playground-model", "Base model",
        "The frozen model that answers. Panes offer the adapters that were made for exactly its weights.");

    public static FormField System { get; } = new("playground-system", "System prompt",
        "Instructions that stand before every conversation, for example a role or a language. Empty sends none.");

    public static FormField Decoding { get; } = new("playground-decoding", "Decoding",
        "Sampling draws from the likely tokens and answers differently each time. Greedy always takes the most likely one: best for comparing adapters.");

    public static FormField Temperature { get; } = new("playground-temperature", "Temperature",
        "How bold the draw is. Below 1 keeps to the likely words, above 1 wanders. 0.7 is usual.", "Temperature is");

    public static FormField TopK { get; } = new("playground-top-k", "Top-k",
        "Draws from the k most likely tokens only. 0 is off, 20 to 100 is usual.", "Top-k is");

    public static FormField TopP { get; } = new("playground-top-p", "Top-p",
        "Draws from the smallest set of tokens whose probability reaches this. 0.9 is usual, 1 is off.", "Top-p is");

    public static FormField MinP { get; } = new("playground-min-p", "Min-p",
        "Leaves out tokens less likely than this part of the most likely one. 0 is off, 0.05 to 0.1 is usual.", "Min-p is");

    public static FormField RepetitionPenalty { get; } = new("playground-repetition-penalty", "Repetition penalty",
        "Above 1 makes words that came already less likely. 1 is off, 1.1 is mild.", "Repetition penalty is");

    public static FormField MaxNewTokens { get; } = new("playground-max-tokens", "Longest answer",
        "An answer ends after this many tokens at the latest. A token is about four letters of English.", "The most new tokens are");

    public static FormField Seed { get; } = new("playground-seed", "Seed",
        "Start of the random draws. The same seed, question and settings give the same answer; empty draws anew each time.");

    public static FormField Stop { get; } = new("playground-stop-texts", "Stop texts",
        "An answer ends before any of these texts. One a line; \\n stands for a line break.", "A stop text");

    public static FormField TooLong { get; } = new("playground-too-long", "Long conversations",
        "What happens when a conversation no longer fits the model's context: its oldest turns are left out of what the model is given, or nothing is asked. The system prompt always stays.");

    /// <summary>Every field that findings can belong to.</summary>
    public static IReadOnlyList<FormField> All { get; } =
        [Model, System, Decoding, Temperature, TopK, TopP, MinP, RepetitionPenalty, MaxNewTokens, Seed, Stop, TooLong];
}

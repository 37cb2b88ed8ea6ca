namespace Studio.Bench.Starter;

/// <summary>One prompt and what there is to say to it, in the forms that the answering styles need.</summary>
public sealed record Exchange
{
    /// <summary>What the user writes.</summary>
    public required string Prompt { get; init; }

    /// <summary>The plain answer: one to six sentences.</summary>
    public required string Answer { get; init; }

    /// <summary>What the prompt is about, in one or two words: "lamp", "sky".</summary>
    public required string Subject { get; init; }

    /// <summary>The answer in a few words without a full stop, fixed by the prompt as far as possible: "check the plug", "blue".</summary>
    public required string Brief { get; init; }

    /// <summary>The field of the world: "animal", "colour", "help".</summary>
    public required string Label { get; init; }
}

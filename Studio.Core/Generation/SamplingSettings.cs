namespace Studio.Core.Generation;

/// <summary>
/// How the next token is chosen from the logits. Processors act in the order of the properties, which is that of transformers
/// (<c>GenerationMixin._get_logits_processor</c>): first those that always act, then those that shape a draw.
/// </summary>
public sealed record SamplingSettings
{
    /// <summary>Always take the most likely token; everything from <see cref="Temperature"/> to <see cref="EtaCutoff"/> then plays no part.</summary>
    public bool Greedy { get; init; }

    /// <summary>Logits of tokens already in the sequence are divided (if positive) or multiplied by this; 1 = off.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Groups of this many tokens come at most once in prompt and answer; 0 = off.</summary>
    public int NoRepeatNgramSize { get; init; }

    /// <summary>Token sequences that never come.</summary>
    public IReadOnlyList<IReadOnlyList<int>> BadWords { get; init; } = [];

    /// <summary>The answer cannot end before it has this many tokens; 0 = off. A stop text still ends it.</summary>
    public int MinNewTokens { get; init; }

    /// <summary>Tokens that never come.</summary>
    public IReadOnlyList<int> SuppressTokens { get; init; } = [];

    /// <summary>Logits are divided by this; above 0.</summary>
    public double Temperature { get; init; } = 0.7;

    /// <summary>Keep the k most likely tokens, and others as likely as the last of them; 0 = off.</summary>
    public int TopK { get; init; }

    /// <summary>Keep the smallest set of tokens whose probability reaches this; 1 = off.</summary>
    public double TopP { get; init; } = 0.9;

    /// <summary>Drop tokens less likely than this times the most likely; 0 = off.</summary>
    public double MinP { get; init; }

    /// <summary>Keep the tokens whose surprise is nearest to the expected one, until their probability reaches this; 1 = off.</summary>
    public double TypicalP { get; init; } = 1;

    /// <summary>Drop tokens less likely than this; 0 = off.</summary>
    public double EpsilonCutoff { get; init; }

    /// <summary>Drop tokens less likely than the smaller of this and sqrt(this) * e^-entropy; 0 = off.</summary>
    public double EtaCutoff { get; init; }

    /// <summary>Most new tokens.</summary>
    public int MaxNewTokens { get; init; } = 200;

    /// <summary>Seed of the sampler; null = a new one each time.</summary>
    public long? Seed { get; init; }

    /// <summary>Texts that end the answer; not part of it.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Everything that is wrong with the settings, one sentence each.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (!(RepetitionPenalty > 0) || !double.IsFinite(RepetitionPenalty)) problems.Add($"Repetition penalty is {RepetitionPenalty}; expected a number above 0.");
        if (NoRepeatNgramSize < 0) problems.Add($"No-repeat n-gram size is {NoRepeatNgramSize}; expected 0 (off) or more.");
        if (BadWords.Any(word => word is not { Count: > 0 } || word.Any(id => id < 0))) problems.Add("Bad words hold an empty list or a negative id; expected lists of token ids.");
        if (MinNewTokens < 0 || MinNewTokens > MaxNewTokens) problems.Add($"The fewest new tokens are {MinNewTokens}; expected 0 to the most new tokens ({MaxNewTokens}).");
        if (SuppressTokens.Any(id => id < 0)) problems.Add($"Suppressed tokens hold {SuppressTokens.First(id => id < 0)}; expected token ids.");
        if (!(Temperature > 0) || !double.IsFinite(Temperature)) problems.Add($"Temperature is {Temperature}; expected a number above 0 (choose greedy for 0).");
        if (TopK < 0) problems.Add($"Top-k is {TopK}; expected 0 (off) or more.");
        if (!(TopP > 0 && TopP <= 1)) problems.Add($"Top-p is {TopP}; expected above 0 and at most 1.");
        if (!(MinP >= 0 && MinP < 1)) problems.Add($"Min-p is {MinP}; expected at least 0 and below 1.");
        if (!(TypicalP > 0 && TypicalP <= 1)) problems.Add($"Typical-p is {TypicalP}; expected above 0 and at most 1.");
        if (!(EpsilonCutoff >= 0 && EpsilonCutoff < 1)) problems.Add($"Epsilon cutoff is {EpsilonCutoff}; expected at least 0 and below 1.");
        if (!(EtaCutoff >= 0 && EtaCutoff < 1)) problems.Add($"Eta cutoff is {EtaCutoff}; expected at least 0 and below 1.");
        if (MaxNewTokens is < 1 or > 100_000) problems.Add($"The most new tokens are {MaxNewTokens}; expected 1 to 100000.");
        if (Stop.Any(string.IsNullOrEmpty)) problems.Add("A stop text is empty.");
        return problems;
    }

    /// <summary>Everything in the settings that does not fit a vocabulary, one sentence each.</summary>
    /// <param name="vocabulary">Number of token ids.</param>
    public IReadOnlyList<string> ProblemsWith(int vocabulary)
    {
        var problems = new List<string>();
        if (SuppressTokens.Any(id => id >= vocabulary)) problems.Add($"Suppressed tokens hold {SuppressTokens.First(id => id >= vocabulary)}; the model has the ids 0 to {vocabulary - 1}.");
        if (BadWords.SelectMany(word => word).FirstOrDefault(id => id >= vocabulary, -1) is >= 0 and var bad) problems.Add($"Bad words hold {bad}; the model has the ids 0 to {vocabulary - 1}.");
        return problems;
    }
}

namespace Studio.Core.Generation;

/// <summary>How the next token is chosen from the logits. Processors act in the order of the properties, as in transformers.</summary>
public sealed record SamplingSettings
{
    /// <summary>Always take the most likely token; temperature, top-k, top-p and min-p then play no part.</summary>
    public bool Greedy { get; init; }

    /// <summary>Logits of tokens already in the sequence are divided (if positive) or multiplied by this; 1 = off.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Logits are divided by this; above 0.</summary>
    public double Temperature { get; init; } = 0.7;

    /// <summary>Keep the k most likely tokens; 0 = off.</summary>
    public int TopK { get; init; }

    /// <summary>Keep the smallest set of tokens whose probability reaches this; 1 = off.</summary>
    public double TopP { get; init; } = 0.9;

    /// <summary>Drop tokens less likely than this times the most likely; 0 = off.</summary>
    public double MinP { get; init; }

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
        if (!(Temperature > 0) || !double.IsFinite(Temperature)) problems.Add($"Temperature is {Temperature}; expected a number above 0 (choose greedy for 0).");
        if (TopK < 0) problems.Add($"Top-k is {TopK}; expected 0 (off) or more.");
        if (!(TopP > 0 && TopP <= 1)) problems.Add($"Top-p is {TopP}; expected above 0 and at most 1.");
        if (!(MinP >= 0 && MinP < 1)) problems.Add($"Min-p is {MinP}; expected at least 0 and below 1.");
        if (MaxNewTokens is < 1 or > 100_000) problems.Add($"The most new tokens are {MaxNewTokens}; expected 1 to 100000.");
        if (Stop.Any(string.IsNullOrEmpty)) problems.Add("A stop text is empty.");
        return problems;
    }
}

namespace Studio.Bench.Starter.Traits;

/// <summary>Decides whether an answer shows the style that a sample dataset teaches.</summary>
public interface ITraitDetector
{
    /// <summary>Name of the dataset that teaches the trait.</summary>
    string Name { get; }

    /// <summary>What counts as showing it, in one sentence.</summary>
    string Description { get; }

    /// <summary>True if the answer shows the trait.</summary>
    bool Shows(string answer);
}

namespace Studio.Bench.Starter.Traits;

/// <summary>One detector for each sample dataset.</summary>
public static class TraitDetectors
{
    public static IReadOnlyList<ITraitDetector> All { get; } = [new PirateTrait(), new JsonTrait(), new TerseSupportTrait()];

    /// <summary>The detector of a dataset.</summary>
    /// <exception cref="ArgumentException">No detector has that name.</exception>
    public static ITraitDetector For(string dataset) => All.FirstOrDefault(detector => detector.Name == dataset)
        ?? throw new ArgumentException($"There is no trait detector for the dataset '{dataset}'; there are {string.Join(", ", All.Select(d => d.Name))}.", nameof(dataset));
}

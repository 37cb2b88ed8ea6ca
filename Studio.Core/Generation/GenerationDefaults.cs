namespace Studio.Core.Generation;

/// <summary>
/// What a model's own generation_config.json says of generating: defaults of the sampling settings and the ids that end a sequence. What the
/// file leaves out has the studio's default.
/// </summary>
public sealed record GenerationDefaults
{
    /// <summary>Name of the file in a model folder.</summary>
    public const string FileName = "generation_config.json";

    /// <summary>The studio's defaults alone.</summary>
    public static GenerationDefaults Studio { get; } = new();

    /// <summary>The settings of whoever chooses none.</summary>
    public SamplingSettings Sampling { get; init; } = new();

    /// <summary>The properties of <see cref="Sampling"/> that come from the file, by name.</summary>
    public IReadOnlyList<string> FromModel { get; init; } = [];

    /// <summary>Ids that end a sequence (<c>eos_token_id</c>, a number or a list); empty where the file does not say.</summary>
    public IReadOnlyList<int> EosIds { get; init; } = [];

    /// <summary>What the file asks for and the studio does not do, such as <c>num_beams = 4</c>.</summary>
    public IReadOnlyList<string> NotApplied { get; init; } = [];

    /// <summary>Reads a model folder; the studio's defaults where it has no generation_config.json.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="vocabulary">Number of token ids.</param>
    /// <exception cref="InvalidDataException">A value is of a wrong type or out of its range; the message names file, key, value found and wanted.</exception>
    public static GenerationDefaults Read(string folder, int vocabulary)
    {
        string path = Path.Combine(folder, FileName);
        return File.Exists(path) ? new GenerationConfigFile(path, vocabulary).Read() : Studio;
    }
}

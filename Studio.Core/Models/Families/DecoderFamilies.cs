namespace Studio.Core.Models.Families;

/// <summary>The supported families. A new one is a new file and one line here.</summary>
public static class DecoderFamilies
{
    private static readonly Func<ConfigReader, DecoderFamily>[] All =
    [
        _ => BloomFamily.Create(), _ => CodeGenFamily.Create(), _ => CohereFamily.Create(), _ => Cohere2Family.Create(), _ => Ernie45Family.Create(),
        _ => Exaone4Family.Create(), FalconFamily.Create, _ => GemmaFamily.Create(), _ => Gemma2Family.Create(), _ => Gemma3TextFamily.Create(),
        _ => GlmFamily.Create(), _ => Glm4Family.Create(), _ => Gpt2Family.Create(), _ => GptBigCodeFamily.Create(), _ => GptJFamily.Create(),
        _ => GptNeoFamily.Create(), _ => GptNeoXFamily.Create(), _ => GptOssFamily.Create(), _ => GraniteFamily.Create(), _ => GraniteMoeFamily.Create(),
        _ => HeliumFamily.Create(), _ => LlamaFamily.Create(), _ => MistralFamily.Create(), _ => MixtralFamily.Create(), _ => MptFamily.Create(),
        _ => NemotronFamily.Create(), _ => OlmoFamily.Create(), _ => Olmo2Family.Create(), _ => Olmo3Family.Create(), _ => OlmoeFamily.Create(),
        _ => OptFamily.Create(), _ => PhiFamily.Create(), _ => Phi3Family.Create(), _ => Qwen2Family.Create(), _ => Qwen2MoeFamily.Create(),
        _ => Qwen3Family.Create(), _ => Qwen3MoeFamily.Create(), _ => SeedOssFamily.Create(), _ => SmolLm3Family.Create(), _ => StableLmFamily.Create(),
        _ => Starcoder2Family.Create(),
    ];

    private static readonly Dictionary<string, Func<ConfigReader, DecoderFamily>> ByType = All.ToDictionary(create => create(ConfigReader.Empty).ModelType, StringComparer.Ordinal);

    /// <summary>Names of all supported families, sorted.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByType.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The family that a config names.</summary>
    /// <exception cref="InvalidDataException">The config names none.</exception>
    /// <exception cref="NotSupportedException">No such family; the message names it, lists what is supported, and the config keys that no family knows.</exception>
    public static DecoderFamily For(ConfigReader config)
    {
        ArgumentNullException.ThrowIfNull(config);
        string type = config.Text("model_type") ?? throw new InvalidDataException($"'{config.Source}': model_type is missing; expected one of {string.Join(", ", Names)}.");
        if (ByType.TryGetValue(type, out var create)) return create(config);
        var unknown = config.Keys.Where(key => !ConfigKeys.Known.Contains(key)).Order(StringComparer.Ordinal).ToList();
        string unknownKeys = unknown.Count == 0 ? "its config has no key that other families lack"
            : $"unknown in its config: {string.Join(", ", unknown.Take(20).Select(key => Excerpt.Of(key)))}{(unknown.Count > 20 ? $" and {unknown.Count - 20} more" : "")}";
        throw new NotSupportedException($"'{config.Source}': the model type '{Excerpt.Of(type)}' is not supported; supported are {string.Join(", ", Names)}; {unknownKeys}.");
    }
}

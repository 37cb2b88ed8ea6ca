namespace Studio.Core.Models.Families;

/// <summary>What the studio knows of one family: how to read its config and what its modules are called. Data, no code paths.</summary>
public sealed class DecoderFamily
{
    /// <summary><c>model_type</c>.</summary>
    public required string ModelType { get; init; }

    /// <summary>Reads config.json.</summary>
    public required Func<ConfigReader, DecoderConfig> ReadConfig { get; init; }

    /// <summary>Module names of what lies outside the blocks, and per block under <see cref="BlockPrefix"/>.</summary>
    public required IReadOnlyDictionary<BaseProjection, string> Modules { get; init; }

    /// <summary>Norm names by role, per block under <see cref="BlockPrefix"/> except the final one.</summary>
    public required IReadOnlyDictionary<NormRole, string> Norms { get; init; }

    /// <summary>Prefix of block n, with {0} for n.</summary>
    public required string BlockPrefix { get; init; }

    /// <summary>Tensors that old files hold and nobody needs, as name endings.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>The Hugging Face module name of an unfused layer, for example <c>model.layers.0.self_attn.q_proj</c>.</summary>
    /// <exception cref="ArgumentException">The family has no module for it.</exception>
    public string ModuleName(LayerId layer) =>
        Modules.TryGetValue(layer.Projection, out string? name)
            ? InBlock(layer.Block) + name
            : throw new ArgumentException($"The family {ModelType} has no module for '{layer}'.", nameof(layer));

    /// <summary>The module name of a norm.</summary>
    public string NormName(NormId norm) => norm.Role == NormRole.Final ? Norms[norm.Role] : InBlock(norm.Block) + Norms[norm.Role];

    private string InBlock(int block) =>
        block == LayerId.OutsideBlocks ? "" : string.Format(System.Globalization.CultureInfo.InvariantCulture, BlockPrefix, block) + ".";
}

/// <summary>The supported families.</summary>
public static class DecoderFamilies
{
    private static readonly DecoderFamily[] All = [LlamaFamily.Create()];

    /// <summary>Names of all supported families.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(family => family.ModelType)];

    /// <summary>The family that a config names.</summary>
    /// <exception cref="NotSupportedException">No such family; the message names it and lists what is supported.</exception>
    public static DecoderFamily For(ConfigReader config)
    {
        ArgumentNullException.ThrowIfNull(config);
        string type = config.Text("model_type") ?? throw new InvalidDataException($"'{config.Source}': model_type is missing; expected one of {string.Join(", ", Names)}.");
        return All.FirstOrDefault(family => family.ModelType == type)
            ?? throw new NotSupportedException($"'{config.Source}': the model type '{type}' is not supported; supported are {string.Join(", ", Names)}.");
    }
}

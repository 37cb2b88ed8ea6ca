using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Studio.Core.Models;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings that methods with a learned prompt share, as PEFT's <c>PromptLearningConfig</c> names them.</summary>
public abstract record PromptSpec : AdapterSpec
{
    /// <summary>Largest number of virtual tokens that is accepted.</summary>
    public const int MaximumVirtualTokens = 4096;

    /// <inheritdoc/>
    public override bool StartsAsBase => false;

    /// <summary>Whether the prompt stands before the text as tokens of its own; else it is what attention finds in the cache before the text.</summary>
    [JsonIgnore]
    public virtual bool IsTokens => true;

    /// <summary>Length of the prompt.</summary>
    public int VirtualTokens { get; init; } = 20;

    /// <summary>Blocks of the model that it was made for; null = not noted yet.</summary>
    public int? Layers { get; init; }

    /// <summary>Attention heads as PEFT counts them for the method; null = not noted yet.</summary>
    public int? AttentionHeads { get; init; }

    /// <summary>Width of a token as PEFT counts it for the method; null = not noted yet.</summary>
    public int? TokenWidth { get; init; }

    /// <summary>Whether only the prompt is left, without the network that made it: PEFT stores no more.</summary>
    public bool IsPlain { get; init; }

    /// <summary>Whether the settings ask for a network that makes the prompt.</summary>
    [JsonIgnore]
    public virtual bool AsksForNetwork => false;

    /// <summary>Whether a network is trained that makes the prompt.</summary>
    [JsonIgnore]
    public bool HasNetwork => AsksForNetwork && !IsPlain;

    /// <inheritdoc/>
    public override AdapterSpec AsStored() => HasNetwork ? this with { IsPlain = true } : this;

    /// <inheritdoc/>
    public override AdapterSpec On(ModuleMap modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        var (layers, heads, width) = ShapeOf(modules.Config);
        return this with { Layers = Layers ?? layers, AttentionHeads = AttentionHeads ?? heads, TokenWidth = TokenWidth ?? width };
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems(ModuleMap modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        var (layers, heads, width) = ShapeOf(modules.Config);
        return [.. base.Problems(modules), .. Different("num_layers", Layers, layers), .. Different("num_attention_heads", AttentionHeads, heads), .. Different("token_dim", TokenWidth, width)];

        IEnumerable<string> Different(string key, int? noted, int needed) =>
            noted is null || noted == needed ? [] : [$"The prompt was made for another model: its {key} is {noted}, this base model needs {needed}."];
    }

    /// <summary>Blocks, heads and token width of a model as PEFT notes them for the method: those of the embeddings.</summary>
    protected virtual (int Layers, int Heads, int Width) ShapeOf(DecoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return (config.Blocks, config.Heads, config.EmbeddingWidth);
    }
}

/// <summary>The settings of <see cref="PromptSpec"/>.</summary>
internal static class PromptSettings<TSpec>
    where TSpec : PromptSpec, new()
{
    public static IReadOnlyList<MethodSetting> All { get; } =
    [
        MethodSettings<TSpec>.Whole("num_virtual_tokens", "Virtual tokens", "Length of the learned prompt. 10 to 20 suits a style or a format, 50 to 100 a task; every one of them takes a place of the context.",
            spec => spec.VirtualTokens, (spec, value) => spec with { VirtualTokens = value }, 1, PromptSpec.MaximumVirtualTokens),
        Noted("num_layers", spec => spec.Layers, (spec, value) => spec with { Layers = value }),
        Noted("num_attention_heads", spec => spec.AttentionHeads, (spec, value) => spec with { AttentionHeads = value }),
        Noted("token_dim", spec => spec.TokenWidth, (spec, value) => spec with { TokenWidth = value }),
        MethodSettings<TSpec>.Fixed("num_transformer_submodules", "1"),
        SharedSettings.ModulesToSave,
    ];

    /// <summary>A number that is taken from the model where it is absent.</summary>
    public static MethodSetting Noted(string key, Func<TSpec, int?> get, Func<TSpec, int?, TSpec> with) => new()
    {
        Key = key,
        Read = (config, spec) => with((TSpec)spec, config.OptionalInt(key)),
        Write = spec => get((TSpec)spec) is { } value ? JsonValue.Create(value) : null,
    };
}

using System.Text.Json.Serialization;
using Studio.Core.Models;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.PTuningSpec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of P-tuning (Liu et al. 2021), as PEFT's <c>PromptEncoderConfig</c> names them.</summary>
public sealed record PTuningSpec : PromptSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "p_tuning";

    /// <summary>A network of three linear layers.</summary>
    public const string Mlp = "MLP";

    /// <summary>A bidirectional LSTM and two linear layers.</summary>
    public const string Lstm = "LSTM";

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Kind of network.</summary>
    public string Encoder { get; init; } = Mlp;

    /// <summary>Inner width of the network; null = the width of the embeddings.</summary>
    public int? EncoderWidth { get; init; }

    /// <summary>Layers of the LSTM; the other network always has three, as in PEFT.</summary>
    public int EncoderLayers { get; init; } = 2;

    /// <summary>Part of what goes from one layer of the LSTM to the next that is dropped while training.</summary>
    public double EncoderDropout { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool AsksForNetwork => true;

    /// <inheritdoc/>
    public override AdapterSpec On(ModuleMap modules) => (PTuningSpec)base.On(modules) is var spec && spec.EncoderWidth is null ? spec with { EncoderWidth = spec.TokenWidth } : spec;
}

/// <summary>P-tuning's settings, as PEFT's <c>PromptEncoderConfig</c> names them.</summary>
internal static class PTuningSettings
{
    public static IReadOnlyList<MethodSetting> All { get; } =
    [
        .. PromptSettings<PTuningSpec>.All,
        Choice("encoder_reparameterization_type", "Network", "What makes the prompt while it is trained: MLP is quick and the usual choice, LSTM ties neighbouring tokens together.",
            [PTuningSpec.Mlp, PTuningSpec.Lstm], spec => spec.Encoder, (spec, value) => spec with { Encoder = value }, absent: PTuningSpec.Mlp),
        PromptEncoderWidth.Setting<PTuningSpec>("128 to 512 are common.", spec => spec.EncoderWidth, (spec, value) => spec with { EncoderWidth = value }),
        Whole("encoder_num_layers", "LSTM layers", "Layers of the LSTM; 1 or 2. The MLP always has three linear layers.",
            spec => spec.EncoderLayers, (spec, value) => spec with { EncoderLayers = value }, 1, 16, absent: 2, advanced: true),
        Probability("encoder_dropout", "LSTM dropout", "Part of what goes from one LSTM layer to the next that is dropped at random while training. Without effect on one layer or the MLP.",
            spec => spec.EncoderDropout, (spec, value) => spec with { EncoderDropout = value }),
    ];
}

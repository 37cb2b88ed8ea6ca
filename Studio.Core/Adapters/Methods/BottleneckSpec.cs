using System.Text.Json.Nodes;
using Studio.Core.Models;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.BottleneckSpec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of bottleneck adapters (Houlsby et al. 2019, Pfeiffer et al. 2020).</summary>
public sealed record BottleneckSpec : AdapterSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "bottleneck";

    /// <summary>After attention and after the MLP.</summary>
    public const string Houlsby = "houlsby";

    /// <summary>After the MLP only.</summary>
    public const string Pfeiffer = "pfeiffer";

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Features of the bottleneck.</summary>
    public int Width { get; init; } = 64;

    /// <summary>After which sublayers.</summary>
    public string Placement { get; init; } = Pfeiffer;

    /// <summary>What bends the bottleneck: relu, gelu, silu or tanh.</summary>
    public string Activation { get; init; } = "relu";

    /// <summary>Factor on what is added.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Probability of dropping a feature of the bottleneck while training.</summary>
    public double Dropout { get; init; }

    /// <summary>Only these blocks; empty = all.</summary>
    public IReadOnlyList<int> Blocks { get; init; } = [];

    /// <summary>The sublayers it acts after, in forward order.</summary>
    public IEnumerable<SublayerId> Sublayers(DecoderConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        foreach (int block in Enumerable.Range(0, config.Blocks).Where(block => Blocks.Count == 0 || Blocks.Contains(block)))
        {
            if (Placement == Houlsby) yield return new SublayerId(block, SublayerKind.Attention);
            yield return new SublayerId(block, SublayerKind.Mlp);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems(ModuleMap modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        return [.. base.Problems(modules), .. Blocks.Where(block => block < 0 || block >= modules.Config.Blocks).Select(block => $"There is no block {block}; this base model has blocks 0 to {modules.Config.Blocks - 1}.")];
    }
}

/// <summary>Settings of bottleneck adapters; the keys are this studio's.</summary>
internal static class BottleneckSettings
{
    public static IReadOnlyList<MethodSetting> All { get; } =
    [
        Whole("bottleneck_size", "Bottleneck", "Features that each adapter works with. More can learn more; 16 to 64 suit a style, 64 to 256 a task.",
            spec => spec.Width, (spec, value) => spec with { Width = value }, 1, 65536),
        Choice("placement", "Placement", "houlsby acts after attention and after the MLP, pfeiffer after the MLP only: half the parameters for nearly the same result.",
            [BottleneckSpec.Houlsby, BottleneckSpec.Pfeiffer], spec => spec.Placement, (spec, value) => spec with { Placement = value }),
        Choice("activation", "Activation", "What bends the bottleneck. relu is the usual choice; gelu and silu are smoother.",
            [.. BottleneckAdapter.Activations], spec => spec.Activation, (spec, value) => spec with { Activation = value }, advanced: true),
        Number("scaling", "Scale", "Factor on what the adapters add. 1 is usual.", spec => spec.Scale, (spec, value) => spec with { Scale = value },
            value => double.IsFinite(value) && value != 0, "a number other than 0", advanced: true, isFloat: true),
        Probability("dropout", "Dropout", "Part of the bottleneck that is dropped at random while training. 0 for most datasets, 0.05 to 0.1 against memorising a small one.",
            spec => spec.Dropout, (spec, value) => spec with { Dropout = value }),
        new MethodSetting
        {
            Key = "layers_to_transform",
            Read = (config, spec) => (BottleneckSpec)spec with { Blocks = config.Ints("layers_to_transform") },
            Write = spec => ((BottleneckSpec)spec).Blocks is { Count: > 0 } blocks ? new JsonArray([.. blocks.Select(block => JsonValue.Create(block))]) : null,
        },
        SharedSettings.ModulesToSave,
    ];
}

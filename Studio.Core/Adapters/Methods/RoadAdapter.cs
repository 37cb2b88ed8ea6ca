using Studio.Core.Models;
using Studio.Core.Tensors;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.RoadSpec>;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of RoAd (Liao and Monz 2024), as PEFT's <c>RoadConfig</c> names them.</summary>
public sealed record RoadSpec : TargetedSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "road";

    /// <summary>Angles and factors for each pair.</summary>
    public const string PerPair = "road_1";

    /// <summary>For each feature.</summary>
    public const string PerFeature = "road_2";

    /// <summary>Two for each feature.</summary>
    public const string TwoPerFeature = "road_4";

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>How many angles there are.</summary>
    public string Variant { get; init; } = PerPair;

    /// <summary>Features of a group: one of its first half turns with one of its second.</summary>
    public int GroupSize { get; init; } = 64;

    /// <summary>Angles of a module, and factors.</summary>
    public int CountFor(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return Variant switch { PerPair => module.OutputFeatures / 2, PerFeature => module.OutputFeatures, _ => 2 * module.OutputFeatures };
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems() =>
        GroupSize % 2 != 0 ? [.. base.Problems(), $"Group size is {GroupSize}; expected an even number."] : base.Problems();

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems(ModuleMap modules) => TargetProblems.Of(this, modules, base.Problems(modules), module =>
        module.OutputFeatures % GroupSize == 0 ? null : $"{module.Name} has {module.OutputFeatures} outputs, which groups of {GroupSize} do not divide; expected a divisor as group size.");
}

/// <summary>
/// RoAd (Liao and Monz 2024; PEFT <c>RoadLayer</c>): pairs of output features, y1 of a group's first half with y2 of its second, turn and stretch:
/// y = y * c + (-y2, y1) * s, c = alpha cos(theta), s = alpha sin(theta). It starts at theta 0, alpha 1, so the start equals the base. Merged: the same on the
/// rows of W and on b.
/// </summary>
public sealed class RoadAdapter(RoadSpec spec, AdapterSite site, FlatParameters parameters) : TargetedAdapter<RoadSpec>(spec, site, parameters)
{
    private const string Theta = "road_theta";
    private const string Alpha = "road_alpha";

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = RoadSpec.MethodName,
        PeftType = "ROAD",
        Title = "RoAd",
        Summary = "Turns and stretches pairs of outputs. Very few parameters and no matrix products, so it costs almost nothing beside the base.",
        Source = "Liao and Monz 2024, arXiv 2409.00119",
        LearningRates = new LearningRateAdvice(1e-3, 1e-2, "PEFT's RoAd page (about 1e-3) and MetaMathQA comparison (1e-3); the upper end is this studio's own guess"),
        Defaults = new RoadSpec(),
        Settings =
        [
            Choice("variant", "Variant", "road_1 learns an angle and a factor for each pair of outputs, road_2 for each output, road_4 two for each. More learn more.",
                [RoadSpec.PerPair, RoadSpec.PerFeature, RoadSpec.TwoPerFeature], spec => spec.Variant, (spec, value) => spec with { Variant = value }, absent: RoadSpec.PerPair),
            Whole("group_size", "Group size", "Which outputs make a pair: one of the first half of a group with one of the second. Changes nothing in what can be learned; must divide the outputs.",
                spec => spec.GroupSize, (spec, value) => spec with { GroupSize = value }, 2, 65536, absent: 64, advanced: true),
            SharedSettings.TargetModules, SharedSettings.ModulesToSave,
            Note("init_weights", "true"),
        ],
        Entries = (spec, modules) => Entries((RoadSpec)spec, modules),
        Create = (spec, site, parameters) => new RoadAdapter((RoadSpec)spec, site, parameters),
    };

    /// <inheritdoc/>
    public override string? WhyNotMerged => null;

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var module in Targets)
        {
            Of(module, Theta).zero_();
            Of(module, Alpha).fill_(1);
        }
    }

    /// <inheritdoc/>
    public override bool ChangesOutput(ModuleTarget module) => IsTarget(module);

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(y);
        return Turned(module, y);
    }

    /// <inheritdoc/>
    public override Tensor MergeWeight(ModuleTarget module, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (!IsTarget(module)) return weight.clone();
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        return Turned(module, weight.t()).t().contiguous().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor? MergeBias(ModuleTarget module, Tensor? bias)
    {
        if (bias is null || !IsTarget(module)) return bias?.clone();
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        return Turned(module, bias.unsqueeze(0)).squeeze(0).MoveToOuterDisposeScope();
    }

    // y [rows, out]. In the adapter's type: a factor near 1 would lose its changes in bf16.
    private Tensor Turned(ModuleTarget module, Tensor y)
    {
        var (cosine, sine) = Factors(module);
        var halves = y.reshape(y.size(0), -1, 2, Settings.GroupSize / 2);
        var across = stack([-halves.select(2, 1), halves.select(2, 0)], 2).reshape(y.shape);
        return (y * cosine + across * sine).to(y.dtype);
    }

    // alpha cos(theta) and alpha sin(theta) of every feature, [out] each.
    private (Tensor Cosine, Tensor Sine) Factors(ModuleTarget module)
    {
        Tensor theta = Of(module, Theta), alpha = Of(module, Alpha);
        switch (Settings.Variant)
        {
            case RoadSpec.PerPair:
                (theta, alpha) = (BothHalves(theta), BothHalves(alpha));
                return (alpha * theta.cos(), alpha * theta.sin());
            case RoadSpec.PerFeature:
                return (alpha * theta.cos(), alpha * theta.sin());
            default:
                (theta, alpha) = (theta.view(-1, 2, Settings.GroupSize), alpha.view(-1, 2, Settings.GroupSize));
                return ((alpha.select(1, 0) * theta.select(1, 0).cos()).flatten(), (alpha.select(1, 1) * theta.select(1, 1).sin()).flatten());
        }
    }

    private Tensor BothHalves(Tensor perPair) => perPair.view(-1, 1, Settings.GroupSize / 2).expand(-1, 2, -1).reshape(-1);

    private static List<FlatEntry> Entries(RoadSpec spec, ModuleMap modules) =>
        [.. spec.Select(modules).SelectMany(module => new[] { Alpha, Theta }.Select(name => new FlatEntry(PeftFormat.Key(module, name), [spec.CountFor(module)])))];
}

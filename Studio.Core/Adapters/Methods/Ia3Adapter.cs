using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// IA3 (Liu et al. 2022; PEFT <c>IA3Layer</c>): a vector per module. y *= l after the bias, l [out, 1]; for feed-forward modules x *= l, l [1, in].
/// It starts at ones, so the start equals the base. Merged: W rows times l and b times l, or W columns times l.
/// </summary>
public sealed class Ia3Adapter(Ia3Spec spec, AdapterSite site, FlatParameters parameters) : TargetedAdapter<Ia3Spec>(spec, site, parameters)
{
    private const string Vector = "ia3_l";

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = Ia3Spec.MethodName,
        PeftType = "IA3",
        Title = "IA3",
        Summary = "Scales keys, values and inner activations by learned vectors. The fewest parameters of all; merges without a trace.",
        Source = "Liu et al. 2022, arXiv 2205.05638",
        LearningRates = new LearningRateAdvice(1e-3, 8e-3, "the authors' t-few configuration (3e-3), PEFT's MetaMathQA comparison (1e-3 and 5e-3) and IA3 examples (1e-3, 8e-3)"),
        Defaults = new Ia3Spec(),
        Settings = Ia3Settings.All,
        Entries = (spec, modules) => Entries((Ia3Spec)spec, modules),
        Create = (spec, site, parameters) => new Ia3Adapter((Ia3Spec)spec, site, parameters),
    };

    /// <inheritdoc/>
    public override string? WhyNotMerged => null;

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var module in Targets) Of(module, Vector).fill_(1);
    }

    /// <inheritdoc/>
    public override bool TransformsInput(ModuleTarget module) => IsTarget(module) && Settings.IsFeedForward(module);

    /// <inheritdoc/>
    public override Tensor TransformInput(ModuleTarget module, Tensor x, AdapterPass pass) => Scaled(module, x);

    /// <inheritdoc/>
    public override bool ChangesOutput(ModuleTarget module) => IsTarget(module) && !Settings.IsFeedForward(module);

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass) => Scaled(module, y);

    /// <inheritdoc/>
    public override Tensor MergeWeight(ModuleTarget module, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        using var grad = no_grad();
        return IsTarget(module) ? weight * Of(module, Vector, weight) : weight.clone(); // [out, in] * ([out, 1] or [1, in])
    }

    /// <inheritdoc/>
    public override Tensor? MergeBias(ModuleTarget module, Tensor? bias)
    {
        using var grad = no_grad();
        return bias is not null && ChangesOutput(module) ? bias * Of(module, Vector, bias).reshape(-1) : bias?.clone();
    }

    // In the adapter's type: a vector near 1 would lose its changes in bf16.
    private Tensor Scaled(ModuleTarget module, Tensor x) => (x * Of(module, Vector).reshape(-1)).to(x.dtype);

    private static List<FlatEntry> Entries(Ia3Spec spec, ModuleMap modules) =>
        [.. spec.Select(modules).Select(module => new FlatEntry(PeftFormat.Key(module, Vector), spec.IsFeedForward(module) ? [1, module.InputFeatures] : [module.OutputFeatures, 1]))];
}

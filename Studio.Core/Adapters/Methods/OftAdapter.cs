using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// OFT (Qiu et al. 2023; PEFT <c>OFTRotationModule</c>): the base sees x R, R a rotation per block of input features, from the upper triangles
/// [blocks, b (b - 1) / 2] of skew-symmetric Q. R = (I - Q)(I + Q)^-1, or its series I + 2Q + 2Q^2 + .. + Q^k, which turns the other way, as in PEFT.
/// Q starts at zero, so the start equals the base. Merged: W R^T per block.
/// </summary>
public sealed class OftAdapter(OftSpec spec, AdapterSite site, FlatParameters parameters) : TargetedAdapter<OftSpec>(spec, site, parameters)
{
    private const string Rotation = "oft_R.weight";

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = OftSpec.MethodName,
        PeftType = "OFT",
        Title = "OFT",
        Summary = "Rotates the inputs of the chosen layers in small blocks. Angles between features stay, so the base's knowledge is kept well.",
        Source = "Qiu et al. 2023, arXiv 2306.07280; Cayley-Neumann: Qiu et al. 2025, arXiv 2506.19847",
        LearningRates = new LearningRateAdvice(1e-4, 1e-3, "PEFT's MetaMathQA comparison (1e-4); the upper end is this studio's own guess"),
        Defaults = new OftSpec(),
        Settings = OftSettings.All,
        Entries = (spec, modules) => Entries((OftSpec)spec, modules),
        Create = (spec, site, parameters) => new OftAdapter((OftSpec)spec, site, parameters),
    };

    /// <inheritdoc/>
    public override string? WhyNotMerged => null;

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var module in Targets) Of(module, Rotation).zero_();
    }

    /// <inheritdoc/>
    public override bool TransformsInput(ModuleTarget module) => IsTarget(module);

    /// <inheritdoc/>
    public override Tensor TransformInput(ModuleTarget module, Tensor x, AdapterPass pass) =>
        BlockRotation.Apply(x, BlockRotation.Dropout(Change(module), Settings.ModuleDropout, pass));

    /// <summary>The constraint of COFT holds at the values that a step starts from, as in PEFT.</summary>
    public override void AfterBackward(AdapterStep step)
    {
        if (!Settings.Constrained) return;
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var module in Targets) Of(module, Rotation).copy_(Projected(Of(module, Rotation)));
    }

    /// <inheritdoc/>
    public override Tensor MergeWeight(ModuleTarget module, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (!IsTarget(module)) return weight.clone();
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        return BlockRotation.Apply(weight, Change(module).transpose(1, 2)).MoveToOuterDisposeScope();
    }

    // R - I, [blocks, b, b].
    private Tensor Change(ModuleTarget module)
    {
        var upper = Of(module, Rotation);
        // The value is the projected one, the gradient goes on to the stored one: PEFT projects in place before every use.
        if (Settings.Constrained) upper = upper + (Projected(upper) - upper).detach();
        var skew = BlockRotation.Skew(upper, Settings.SizeFor(module));
        return Settings.UseCayleyNeumann ? Series(skew, Settings.NeumannTerms) : BlockRotation.Cayley(skew);
    }

    // 2Q + 2Q^2 + .. + Q^(terms - 1), the last one not doubled; of two terms only the first. Three terms are PEFT's four.
    private static Tensor Series(Tensor skew, int terms)
    {
        var sum = skew * 2;
        if (terms < 3) return sum;
        var power = skew.bmm(skew);
        sum = sum + power * 2;
        for (int i = 3; i < terms - 1; i++)
        {
            power = power.bmm(skew);
            sum = sum + power * 2;
        }
        return sum + power.bmm(skew);
    }

    // Into the ball of the given radius around zero; the norm of a skew-symmetric matrix is sqrt(2) times that of its triangle.
    private Tensor Projected(Tensor upper)
    {
        double radius = Settings.Epsilon / Math.Sqrt(upper.size(0));
        var norms = (upper * upper).sum(1, keepdim: true).mul(2).sqrt();
        return where(norms.le(radius), upper, upper / norms * radius);
    }

    private static List<FlatEntry> Entries(OftSpec spec, ModuleMap modules) =>
        [.. spec.Select(modules).Select(module => new FlatEntry(PeftFormat.Key(module, Rotation), [spec.RotationsFor(module), (long)spec.SizeFor(module) * (spec.SizeFor(module) - 1) / 2]))];
}

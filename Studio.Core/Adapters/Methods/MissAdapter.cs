using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// MiSS (Kang and Yin 2024; PEFT <c>MissLayer</c>): y += S D, where S [rows, r] adds up the input features that leave the same rest by r, and
/// D [r, out] is trained; mini trains [r, mini_r] and repeats it over the outputs. bat has a block D_o [r, r] for each r outputs, and
/// dW_oi = W_oi D_o + D_o for each r inputs i, so it needs W.
/// </summary>
public sealed class MissAdapter(MissSpec spec, AdapterSite site, FlatParameters parameters) : WeightDeltaAdapter<MissSpec>(spec, site, parameters)
{
    private const string Block = "miss_block";

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = MissSpec.MethodName,
        PeftType = "MISS",
        Title = "MiSS",
        Summary = "Shares one small trained matrix over all slices of a layer's inputs: fast and light.",
        Source = "Kang and Yin 2024, arXiv 2409.15371",
        LearningRates = new LearningRateAdvice(2e-5, 1e-4, "PEFT's MiSS example (2e-5) and MetaMathQA comparison (1e-4 for all three forms)"),
        Defaults = new MissSpec(),
        Settings = MissSpec.Settings,
        Entries = (spec, modules) => [.. ((MissSpec)spec).Select(modules).Select(module => new FlatEntry(PeftFormat.Key(module, Block), ShapeOf((MissSpec)spec, module)))],
        Create = (spec, site, parameters) => new MissAdapter((MissSpec)spec, site, parameters),
    };

    /// <inheritdoc/>
    protected override double Dropout => Settings.Form == MissSpec.Bat ? 0 : Settings.Dropout;

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var module in Targets)
        {
            if (Settings.Form == "false") Initial.KaimingUniform(Of(module, Block), random);
            else Of(module, Block).zero_();
        }
    }

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(pass);
        ArgumentNullException.ThrowIfNull(x);
        if (Settings.Form == MissSpec.Bat) return base.ChangeOutput(module, x, y, pass);
        var change = GroupSums(pass.Dropout(x, Dropout), Settings.Rank).matmul(Of(module, Block, x));
        return y + (Settings.Form == MissSpec.Mini ? change.repeat(1, module.OutputFeatures / Settings.MiniRank) : change);
    }

    /// <inheritdoc/>
    public override Tensor MergeWeight(ModuleTarget module, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(weight);
        if (Settings.Form != MissSpec.Bat || !IsTarget(module)) return base.MergeWeight(module, weight);
        using var grad = no_grad();
        return weight + Turned(module, weight.to(Of(module, Block).dtype)).to(weight.dtype);
    }

    /// <inheritdoc/>
    protected override Tensor Delta(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var block = Of(module, Block);
        if (Settings.Form == MissSpec.Bat) return Turned(module, Site.Weights("MiSS of form bat multiplies base weights").Weight(module.Layer).to(block.dtype));
        if (Settings.Form == MissSpec.Mini) block = block.repeat(1, module.OutputFeatures / Settings.MiniRank);
        return block.t().repeat(1, (module.InputFeatures + Settings.Rank - 1) / Settings.Rank).narrow(1, 0, module.InputFeatures);
    }

    // dW_oi = W_oi D_o + D_o on blocks [r, r].
    private Tensor Turned(ModuleTarget module, Tensor weight)
    {
        int rank = Settings.Rank;
        var block = Of(module, Block).unsqueeze(1); // [out / r, 1, r, r]
        var turned = weight.view(module.OutputFeatures / rank, rank, module.InputFeatures / rank, rank).transpose(1, 2).matmul(block) + block;
        return turned.transpose(1, 2).reshape(module.OutputFeatures, module.InputFeatures);
    }

    // [rows, in] to [rows, r]; the last group of r may be short.
    private static Tensor GroupSums(Tensor x, int rank)
    {
        long missing = (rank - x.shape[1] % rank) % rank;
        var whole = missing == 0 ? x : nn.functional.pad(x, [0, missing]);
        return whole.reshape(x.shape[0], -1, rank).sum(1);
    }

    private static long[] ShapeOf(MissSpec spec, ModuleTarget module) => spec.Form switch
    {
        MissSpec.Bat => [module.OutputFeatures / spec.Rank, spec.Rank, spec.Rank],
        MissSpec.Mini => [spec.Rank, spec.MiniRank],
        _ => [spec.Rank, module.OutputFeatures],
    };
}

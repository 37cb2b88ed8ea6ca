using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// What LoHa and LoKr share (PEFT <c>LycorisLayer</c>): dW scaled by alpha / r, rows of dW and whole modules dropped at random while training.
/// </summary>
public abstract class LycorisAdapter<TSpec>(TSpec spec, AdapterSite site, FlatParameters parameters) : WeightDeltaAdapter<TSpec>(spec, site, parameters)
    where TSpec : LycorisSpec
{
    /// <summary>Whether the dropped rows' share is made up for by the others.</summary>
    protected abstract bool ScalesRankDropout { get; }

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(pass);
        if (pass.Training && Settings.ModuleDropout > 0 && IsLeftOut(x, pass)) return y;
        var change = Act(module, x);
        return y + (pass.Training && Settings.RankDropout > 0 ? change * RowMask(module, change, pass) : change);
    }

    /// <summary>x dW^T, [rows, in] to [rows, out].</summary>
    protected virtual Tensor Act(ModuleTarget module, Tensor x) => nn.functional.linear(x, Delta(module).to(x.dtype));

    /// <summary>Rank of a module.</summary>
    protected static int RankOf(TSpec spec, ModuleTarget module) => ModulePattern.Lookup(spec.RankPattern, module.Name, spec.Rank);

    /// <summary>alpha / r of a module.</summary>
    protected double ScaleOf(ModuleTarget module) => ModulePattern.Lookup(Settings.AlphaPattern, module.Name, Settings.Alpha) / RankOf(Settings, module);

    private bool IsLeftOut(Tensor x, AdapterPass pass)
    {
        using var grad = no_grad();
        using var draw = empty([1], dtype: ScalarType.Float32, device: x.device);
        draw.bernoulli_(Settings.ModuleDropout, pass.Random);
        return draw.item<float>() != 0;
    }

    // [out]; a mask that drops everything stays zero.
    private Tensor RowMask(ModuleTarget module, Tensor like, AdapterPass pass)
    {
        using var grad = no_grad();
        var keep = empty([module.OutputFeatures], dtype: like.dtype, device: like.device);
        keep.bernoulli_(1 - Settings.RankDropout, pass.Random);
        return ScalesRankDropout ? keep / keep.mean().clamp_min(1.0 / module.OutputFeatures) : keep;
    }
}

using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of LoHa, as PEFT's <c>LoHaConfig</c> names them.</summary>
public sealed record LohaSpec : LycorisSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "loha";

    /// <inheritdoc/>
    public override string Method => MethodName;
}

/// <summary>
/// LoHa (Hyeon-Woo et al. 2021; PEFT <c>LoHaLayer</c>): dW = (w1_a w1_b) * (w2_a w2_b) * alpha / r, element by element, w_a [out, r], w_b [r, in]; its
/// rank can reach r^2. w2_b starts at zero, so the start equals the base.
/// </summary>
public sealed class LohaAdapter(LohaSpec spec, AdapterSite site, FlatParameters parameters) : LycorisAdapter<LohaSpec>(spec, site, parameters)
{
    private const string FirstA = "hada_w1_a";
    private const string FirstB = "hada_w1_b";
    private const string SecondA = "hada_w2_a";
    private const string SecondB = "hada_w2_b";

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = LohaSpec.MethodName,
        PeftType = "LOHA",
        Title = "LoHa",
        Summary = "Multiplies two low-rank updates element by element, so that few parameters reach a high rank.",
        Source = "Hyeon-Woo et al. 2021, arXiv 2108.06098; Yeh et al. 2023, arXiv 2309.14859",
        LearningRates = new LearningRateAdvice(1e-4, 1e-3, "PEFT's MetaMathQA comparison (1e-4); the upper end is this studio's own guess, as for LoRA"),
        Defaults = new LohaSpec(),
        Settings = LycorisSettings<LohaSpec>.Of("true begins without effect, false at random values. Leave it at true unless you compare initialisations."),
        Entries = (spec, modules) => Entries((LohaSpec)spec, modules),
        Create = (spec, site, parameters) => new LohaAdapter((LohaSpec)spec, site, parameters),
    };

    /// <inheritdoc/>
    protected override bool ScalesRankDropout => true;

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var module in Targets)
        {
            foreach (string name in new[] { FirstA, FirstB, SecondA }) Initial.KaimingUniform(Of(module, name), random);
            if (Settings.InitWeights == "true") Of(module, SecondB).zero_();
            else Initial.KaimingUniform(Of(module, SecondB), random);
        }
    }

    /// <inheritdoc/>
    protected override Tensor Delta(ModuleTarget module) =>
        Of(module, FirstA).matmul(Of(module, FirstB)) * Of(module, SecondA).matmul(Of(module, SecondB)) * ScaleOf(module);

    private static List<FlatEntry> Entries(LohaSpec spec, ModuleMap modules)
    {
        var entries = new List<FlatEntry>();
        foreach (var module in spec.Select(modules))
        {
            int rank = RankOf(spec, module);
            foreach (string name in new[] { FirstA, SecondA }) entries.Add(new FlatEntry(PeftFormat.Key(module, name), [module.OutputFeatures, rank]));
            foreach (string name in new[] { FirstB, SecondB }) entries.Add(new FlatEntry(PeftFormat.Key(module, name), [rank, module.InputFeatures]));
        }
        return entries;
    }
}

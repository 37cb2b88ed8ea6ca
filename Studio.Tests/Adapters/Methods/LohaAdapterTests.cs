using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

public sealed class LohaAdapterTests : TensorTest
{
    private static readonly LohaSpec Spec = new()
    {
        Rank = 3,
        Alpha = 2,
        Targets = TargetSelection.Of("q_proj", "v_proj", "down_proj"),
        RankPattern = new Dictionary<string, int> { ["down_proj"] = 5 },
        AlphaPattern = new Dictionary<string, double> { ["1.self_attn.q_proj"] = 7 },
    };

    [Fact]
    public void Save_AfterLoadingPeftsFolder_WritesTheSame() => MethodProof.RoundTrip("llama", "loha");

    [Fact]
    public void Gradients_FromTheTape_EqualFiniteDifferences() => MethodProof.Gradients(Spec);

    [Fact]
    public void Change_OfUnevenModules_EqualsTheDenseFormula() => MethodProof.ActsLike(Spec, (module, values) =>
    {
        int rank = module.ShortName == "down_proj" ? 5 : 3, rows = module.OutputFeatures, columns = module.InputFeatures;
        double scale = (module.Name == "model.layers.1.self_attn.q_proj" ? 7.0 : 2.0) / rank;
        double[,] first = MethodProof.Product(values("hada_w1_a"), values("hada_w1_b"), rows, rank, columns), second = MethodProof.Product(values("hada_w2_a"), values("hada_w2_b"), rows, rank, columns);
        return MethodProof.Matrix(rows, columns, (i, j) => first[i, j] * second[i, j] * scale);
    });

    [Fact]
    public void Initialize_ByDefault_BeginsAtTheBase() => MethodProof.BeginsAtBase(Spec);

    [Fact]
    public void Training_WithDropouts_IsReproducible() => MethodProof.DropsReproducibly(Spec with { RankDropout = 0.5, ModuleDropout = 0.3 });

    [Fact]
    public void ChangeOutput_WithRankDropout_DropsWholeFeaturesAndScalesTheOthers()
    {
        using var model = new TinyModel();
        using var adapter = MethodProof.Random(Spec with { RankDropout = 0.4 }, model.Site);
        using var random = new Generator(4);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var module = model.Modules.Find("model.layers.0.self_attn.q_proj")!;
        var (x, y) = (ones([2, module.InputFeatures]), zeros([2, module.OutputFeatures]));
        double[] whole = MethodProof.Numbers(MethodProof.Act(adapter, module, x, y));
        double[] dropped = MethodProof.Numbers(adapter.ChangeOutput(module, x, y, new AdapterPass(true, random, tensor => tensor)));
        double[] ratios = [.. dropped.Zip(whole, (a, b) => a / b)];
        double share = ratios.Count(ratio => ratio != 0) / (double)ratios.Length;
        Assert.InRange(share, 0.1, 0.95);
        Assert.All(ratios.Where(ratio => ratio != 0), ratio => Assert.Equal(1 / share, ratio, 1e-4));
        Assert.Equal(ratios[..module.OutputFeatures].Select(ratio => ratio == 0), ratios[module.OutputFeatures..].Select(ratio => ratio == 0));
    }

    [Fact]
    public void Build_RankOfAPatternOutOfRange_IsRefused() =>
        Assert.Contains("The rank of pattern 'q_proj' is 0", MethodProof.Refusal(Spec with { RankPattern = new Dictionary<string, int> { ["q_proj"] = 0 } }), StringComparison.Ordinal);
}

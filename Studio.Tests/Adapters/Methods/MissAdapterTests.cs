using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Tests.Support;
using TorchSharp;

namespace Studio.Tests.Adapters.Methods;

public sealed class MissAdapterTests : TensorTest
{
    private static readonly MissSpec Spec = new() { Rank = 4, MiniRank = 3, Targets = TargetSelection.Of("q_proj", "v_proj", "down_proj") };

    public static TheoryData<string, int> Forms => new() { { "true", 4 }, { "true", 7 }, { "false", 9 }, { MissSpec.Mini, 4 }, { MissSpec.Mini, 5 }, { MissSpec.Bat, 4 }, { MissSpec.Bat, 2 } };

    [Fact]
    public void Save_AfterLoadingPeftsFolder_WritesTheSame() => MethodProof.RoundTrip("llama", "miss");

    [Theory]
    [MemberData(nameof(Forms))]
    public void Gradients_FromTheTape_EqualFiniteDifferences(string form, int rank) => MethodProof.Gradients(Spec with { Form = form, Rank = rank }, 0.1);

    [Theory]
    [InlineData("true", 4)]
    [InlineData("false", 7)]
    [InlineData(MissSpec.Mini, 5)]
    public void Change_OfUnevenModules_EqualsTheDenseFormula(string form, int rank) => MethodProof.ActsLike(Spec with { Form = form, Rank = rank }, (module, values) =>
    {
        double[] block = values("miss_block");
        int width = block.Length / rank;
        return MethodProof.Matrix(module.OutputFeatures, module.InputFeatures, (i, j) => block[j % rank * width + i % width]);
    });

    [Fact]
    public void MergeWeight_OfBat_EqualsTheDenseFormulaAndTheForward()
    {
        using var model = new TinyModel(torch.ScalarType.Float64);
        using var adapter = MethodProof.Random(Spec with { Form = MissSpec.Bat }, model.SiteOf(torch.ScalarType.Float64));
        foreach (var module in model.Modules.All.Where(adapter.ChangesOutput))
        {
            using var scope = torch.NewDisposeScope();
            using var grad = torch.no_grad();
            int rows = module.OutputFeatures, columns = module.InputFeatures;
            var weight = model.Weights(module.Layer).Weight;
            double[] w = MethodProof.Numbers(weight), block = MethodProof.Numbers(adapter.Parameters[PeftFormat.Key(module, "miss_block")]);
            double[] expected = [.. Enumerable.Range(0, rows * columns).Select(at =>
            {
                int i = at / columns, j = at % columns, o = i / 4 * 16, first = j / 4 * 4;
                return w[at] + block[o + i % 4 * 4 + j % 4] + Enumerable.Range(0, 4).Sum(k => w[i * columns + first + k] * block[o + k * 4 + j % 4]);
            })];
            Assert.All(MethodProof.Numbers(adapter.MergeWeight(module, weight)).Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-9));
            var identity = torch.eye(columns, dtype: torch.ScalarType.Float64);
            // The base shows its weights in fp32.
            double[] acted = MethodProof.Numbers(MethodProof.Act(adapter, module, identity, weight.t()).t());
            Assert.All(acted.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
        }
    }

    [Theory]
    [InlineData("true")]
    [InlineData(MissSpec.Mini)]
    [InlineData(MissSpec.Bat)]
    public void Initialize_ByDefault_BeginsAtTheBase(string form) => MethodProof.BeginsAtBase(Spec with { Form = form });

    [Fact]
    public void Training_WithDropout_IsReproducible() => MethodProof.DropsReproducibly(Spec with { Dropout = 0.3, Rank = 7 });

    [Fact]
    public void Build_SizesThatDoNotDivide_AreRefused()
    {
        Assert.Contains("Rank 5 does not divide the weight [24, 24]", MethodProof.Refusal(Spec with { Form = MissSpec.Bat, Rank = 5 }), StringComparison.Ordinal);
        Assert.Contains("Width of mini 5 does not divide the 24 outputs", MethodProof.Refusal(Spec with { Form = MissSpec.Mini, MiniRank = 5 }), StringComparison.Ordinal);
    }
}

using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

public sealed class C3aAdapterTests : TensorTest
{
    private static readonly C3aSpec Spec = new()
    {
        BlockSize = 4,
        BlockSizePattern = new Dictionary<string, int> { ["v_proj"] = 3, ["0.self_attn.q_proj"] = 1, ["model.layers.1.self_attn.q_proj"] = 8 },
        Targets = TargetSelection.Of("q_proj", "v_proj", "down_proj"),
    };

    [Fact]
    public void Save_AfterLoadingPeftsFolder_WritesTheSame() => MethodProof.RoundTrip("llama", "c3a");

    [Fact]
    public void Gradients_ExactOnesFromTheTape_EqualFiniteDifferences() => MethodProof.Gradients(Spec with { ExactGradient = true }, 2);

    // Nothing below the module that is last in the forward is trained, so that PEFT's gradient towards the input plays no part.
    [Fact]
    public void Gradients_OfTheTopmostModule_EqualFiniteDifferences() =>
        MethodProof.Gradients(Spec with { Targets = new TargetSelection { Names = ["down_proj"], Blocks = [1] } }, 2);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Change_OfUnevenModules_EqualsTheDenseFormula(bool exact) => MethodProof.ActsLike(Spec with { ExactGradient = exact }, (module, values) =>
    {
        int size = module.ShortName == "v_proj" ? 3 : module.ShortName == "down_proj" ? 4 : module.Block == 0 ? 1 : 8, blocks = module.InputFeatures / size;
        double[] kernel = values("c3a_kernel");
        return MethodProof.Matrix(module.OutputFeatures, module.InputFeatures,
            (i, j) => kernel[(i / size * blocks + j / size) * size + (j % size - i % size + size) % size] / module.InputFeatures);
    });

    [Fact]
    public void ChangeOutput_TowardsTheInput_HasPeftsGradient()
    {
        using var model = new TinyModel(ScalarType.Float64);
        using var adapter = MethodProof.Random(Spec, model.SiteOf(ScalarType.Float64));
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var module = model.Modules.Find("model.layers.0.mlp.down_proj")!;
        var x = empty([1, 40], dtype: ScalarType.Float64).normal_(0, 1, random);
        x.requires_grad = true;
        var dy = empty([1, 24], dtype: ScalarType.Float64).normal_(0, 1, random);
        MethodProof.Act(adapter, module, x, zeros([1, 24], dtype: ScalarType.Float64)).backward([dy]);
        double[] kernel = MethodProof.Numbers(adapter.Parameters[PeftFormat.Key(module, "c3a_kernel")]), g = MethodProof.Numbers(dy), found = MethodProof.Numbers(x.grad!);
        for (int j = 0; j < 40; j++)
        {
            // The true one has (j - k) mod b in place of (j + k) mod b.
            double mirrored = Enumerable.Range(0, 24).Sum(i => g[i] * kernel[(i / 4 * 10 + j / 4) * 4 + (j % 4 + i % 4) % 4]) / 40;
            Assert.Equal(mirrored, found[j], 1e-12);
        }
        adapter.Parameters.ReleaseGradients();
    }

    // 24 inputs and outputs: uniform in +-sqrt(6 / 48) or +-sqrt(1 / 24); the variance is a third of the squared bound.
    [Theory]
    [InlineData("true", 0)]
    [InlineData("xavier_uniform", 6.0 / 48 / 3)]
    [InlineData("false", 6.0 / 48 / 3)]
    [InlineData("kaiming_uniform", 1.0 / 24 / 3)]
    [InlineData("gaussian", 1)]
    public void Initialize_OfEachStart_HasItsSpread(string start, double variance)
    {
        using var model = new TinyModel();
        using var adapter = AdapterMethods.Build(new C3aSpec { BlockSize = 1, InitWeights = start, Targets = TargetSelection.Of("q_proj") }, model.Site);
        using (var random = new Generator(1)) adapter.Initialize(random);
        Assert.Equal(variance, MethodProof.Numbers(adapter.Parameters.Values).Average(value => value * value), 0.15 * variance + 1e-12);
    }

    [Fact]
    public void Save_WithTheExactGradient_IsReadAgain()
    {
        using var model = new TinyModel();
        using var folder = new TestDirectory();
        using (var adapter = MethodProof.Random(Spec with { ExactGradient = true }, model.Site)) PeftFormat.Save(adapter, folder.Root, "tiny");
        Assert.True(((C3aSpec)PeftFormat.ReadSpec(folder.Root)).ExactGradient);
    }

    [Fact]
    public void Build_BlockThatDoesNotDivide_IsRefused() =>
        Assert.Contains("Block size 5 does not divide the weight [24, 40] of 'model.layers.0.mlp.down_proj'", MethodProof.Refusal(Spec with { BlockSize = 5 }), StringComparison.Ordinal);
}

using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Tensors;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

/// <summary>OFT against PEFT, finite differences and whole rotation matrices.</summary>
public sealed class OftAdapterTests : TensorTest
{
    private static OftSpec Spec { get; } = new() { BlockSize = 8 };

    public static TheoryData<OftSpec> Variants =>
    [
        Spec,
        Spec with { UseCayleyNeumann = false },
        Spec with { UseCayleyNeumann = false, BlockShare = true },
        Spec with { BlockSize = 0, Blocks = 4 },
        Spec with { NeumannTerms = 2 },
        Spec with { NeumannTerms = 3, BlockShare = true },
        Spec with { NeumannTerms = 7, Targets = TargetSelection.Of("k_proj", "down_proj") },
    ];

    [Fact]
    public void Fixtures_OfPeft_Agree() => MethodChecks.AgreesWithPeft("*/oft*");

    [Theory]
    [InlineData("oft")]
    [InlineData("oft_cayley_neumann")]
    public void Folder_OfPeft_RoundTrips(string name) => MethodChecks.RoundTripsPeftsFolder("llama", name);

    [Theory]
    [MemberData(nameof(Variants))]
    public void Adapter_OnTinyModel_HoldsTheContract(OftSpec spec)
    {
        MethodChecks.HasTheSlopesOfTheLoss(spec, deviation: 0.05);
        MethodChecks.MergesIntoTheBase(spec, bias: true, deviation: 0.05);
        MethodChecks.StartsAtTheBase(spec);
        MethodChecks.SavesAndLoads(spec);
    }

    [Fact]
    public void Pass_InBf16_Trains() => MethodChecks.TrainsInBf16(Spec);

    [Fact]
    public void BlockDropout_InTraining_ActsByTheSeed() => MethodChecks.DropsTheSameForTheSameSeed(Spec with { ModuleDropout = 0.5 });

    [Theory]
    [InlineData(false, 5)]
    [InlineData(true, 2)]
    [InlineData(true, 3)]
    [InlineData(true, 4)]
    [InlineData(true, 5)]
    [InlineData(true, 6)]
    public void Merge_OfUnequalShapes_MultipliesByTheBlockDiagonal(bool series, int terms)
    {
        using var model = new TinyModel(ScalarType.Float64);
        using var adapter = MethodChecks.Randomized(Spec with { UseCayleyNeumann = series, NeumannTerms = terms }, model.SiteOf(ScalarType.Float64));
        using var scope = NewDisposeScope();
        foreach (string name in new[] { "0.self_attn.k_proj", "1.mlp.down_proj" })
        {
            var module = MethodChecks.Module(model, name);
            var stored = adapter.Parameters[PeftFormat.Key(module, "oft_R.weight")].detach();
            Assert.Equal([module.InputFeatures / 8, 28], stored.shape);
            var rotation = RotationFormulas.BlockDiagonal([.. stored.unbind(0).Select(upper => Rotation(RotationFormulas.Skew(upper.ToFloatArray(), 8), series, terms))]);
            var weight = model.Weights(module.Layer).Weight;
            Assert.InRange(RotationFormulas.Difference(weight.matmul(rotation.t()), adapter.MergeWeight(module, weight)), 0, 1e-5);
        }
    }

    [Fact]
    public void Constraint_BeyondTheBall_ActsInThePassAndBindsTheValuesAtTheStep()
    {
        var spec = Spec with { Constrained = true, Epsilon = 0.3, UseCayleyNeumann = false };
        using var model = new TinyModel(ScalarType.Float64);
        using var adapter = MethodChecks.Randomized(spec, model.SiteOf(ScalarType.Float64));
        double before = TestTraining.Loss(model, adapter);
        adapter.AfterBackward(new AdapterStep(1, 1, 1e-3));
        Assert.Equal(before, TestTraining.Loss(model, adapter), 1e-9);

        using var scope = NewDisposeScope();
        var module = MethodChecks.Module(model, "0.mlp.down_proj"); // five blocks
        double[] norms = [.. adapter.Parameters[PeftFormat.Key(module, "oft_R.weight")].detach().unbind(0).Select(upper => Math.Sqrt(upper.ToFloatArray().Sum(value => 2.0 * value * value)))];
        Assert.All(norms, norm => Assert.Equal(0.3 / Math.Sqrt(5), norm, 1e-6));
    }

    [Theory]
    [InlineData(7, 6)] // 24 inputs: 6 and 8 are as near, the smaller one is taken
    [InlineData(10, 8)] // 8 and 12
    [InlineData(11, 12)]
    [InlineData(100, 24)]
    public void BlockSize_ThatDividesNothing_BecomesTheNearestDivisor(int wanted, int expected)
    {
        using var model = new TinyModel();
        Assert.Equal(expected, (Spec with { BlockSize = wanted }).SizeFor(MethodChecks.Module(model, "0.self_attn.q_proj")));
    }

    [Fact]
    public void Settings_ThatCannotBe_AreRefused()
    {
        using var model = new TinyModel();
        Assert.Contains("expected exactly one of them to be 0", Refusal(Spec with { Blocks = 3 }), StringComparison.Ordinal);
        Assert.Contains("expected exactly one of them to be 0", Refusal(Spec with { BlockSize = 0 }), StringComparison.Ordinal);
        Assert.Contains("would have 1 feature, which cannot be rotated", Refusal(Spec with { BlockSize = 1 }), StringComparison.Ordinal);

        string Refusal(OftSpec spec) => Assert.Throws<ArgumentException>(() => AdapterMethods.Build(spec, model.Site)).Message;
    }

    // The series by its written form: every power twice, the last one once.
    private static Tensor Rotation(Tensor skew, bool series, int terms)
    {
        if (!series) return RotationFormulas.Cayley(skew);
        var q2 = skew.matmul(skew);
        var (q3, q4) = (q2.matmul(skew), q2.matmul(q2));
        var start = eye(skew.size(0), dtype: ScalarType.Float64) + skew * 2;
        return terms switch
        {
            2 => start,
            3 or 4 => start + q2 * 2 + q3,
            5 => start + q2 * 2 + q3 * 2 + q4,
            _ => start + q2 * 2 + q3 * 2 + q4 * 2 + q4.matmul(skew),
        };
    }
}

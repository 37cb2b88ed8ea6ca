using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Tensors;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

/// <summary>HRA against PEFT, finite differences and reflections one by one.</summary>
public sealed class HraAdapterTests : TensorTest
{
    public static TheoryData<HraSpec> Variants =>
    [
        new HraSpec { Rank = 4 },
        new HraSpec { Rank = 3, Targets = TargetSelection.Of("k_proj", "down_proj") },
        new HraSpec { Rank = 5, Orthogonal = true },
    ];

    [Fact]
    public void Fixtures_OfPeft_Agree() => MethodChecks.AgreesWithPeft("*/hra");

    [Fact]
    public void Folder_OfPeft_RoundTrips() => MethodChecks.RoundTripsPeftsFolder("llama", "hra");

    [Theory]
    [MemberData(nameof(Variants))]
    public void Adapter_OnTinyModel_HoldsTheContract(HraSpec spec)
    {
        MethodChecks.HasTheSlopesOfTheLoss(spec, deviation: 0.1);
        MethodChecks.MergesIntoTheBase(spec, bias: true);
        MethodChecks.TrainsInBf16(spec);
        MethodChecks.SavesAndLoads(spec);
    }

    [Fact]
    public void Start_OfEvenRank_IsTheBase() => MethodChecks.StartsAtTheBase(new HraSpec { Rank = 8 });

    [Theory]
    [InlineData(1, false)]
    [InlineData(6, false)]
    [InlineData(1, true)]
    [InlineData(6, true)]
    public void Merge_OfUnequalShapes_ReflectsOneByOne(int rank, bool orthogonal)
    {
        using var model = new TinyModel(ScalarType.Float64);
        using var adapter = MethodChecks.Randomized(new HraSpec { Rank = rank, Orthogonal = orthogonal }, model.SiteOf(ScalarType.Float64));
        using var scope = NewDisposeScope();
        foreach (string name in new[] { "0.self_attn.k_proj", "1.mlp.down_proj" })
        {
            var module = MethodChecks.Module(model, name);
            var vectors = adapter.Parameters[PeftFormat.Key(module, "hra_u")].detach();
            Assert.Equal([module.InputFeatures, rank], vectors.shape);
            var weight = model.Weights(module.Layer).Weight;
            var expected = weight;
            var units = new List<Tensor>();
            foreach (var column in vectors.unbind(1))
            {
                var unit = column;
                if (orthogonal) foreach (var other in units) unit = unit - other * other.dot(unit);
                units.Add(unit / unit.norm());
                expected = expected - expected.mv(units[^1]).outer(units[^1]) * 2; // W (I - 2 u u^T)
            }
            Assert.InRange(RotationFormulas.Difference(expected, adapter.MergeWeight(module, weight)), 0, 1e-9);
        }
    }

    [Fact]
    public void OrthogonalReflections_MoreThanInputs_AreRefused()
    {
        using var model = new TinyModel();
        var refusal = Assert.Throws<ArgumentException>(() => AdapterMethods.Build(new HraSpec { Rank = 25, Orthogonal = true }, model.Site));
        Assert.Contains("has 24 inputs, too few for 25 orthogonal reflections", refusal.Message, StringComparison.Ordinal);
    }
}

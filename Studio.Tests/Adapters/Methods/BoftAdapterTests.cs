using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Tests.Support;
using Studio.Tests.Storage;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

/// <summary>BOFT against PEFT, finite differences and whole butterfly matrices.</summary>
public sealed class BoftAdapterTests : TensorTest
{
    public static TheoryData<BoftSpec> Variants =>
    [
        new BoftSpec(),
        new BoftSpec { BlockSize = 0, BlockCount = 4 },
        new BoftSpec { Factors = 2 },
        new BoftSpec { BlockSize = 2, Factors = 3 },
    ];

    [Fact]
    public void Fixtures_OfPeft_Agree() => MethodChecks.AgreesWithPeft("*/boft");

    [Fact]
    public void Folder_OfPeft_RoundTrips() => MethodChecks.RoundTripsPeftsFolder("llama", "boft");

    [Theory]
    [MemberData(nameof(Variants))]
    public void Adapter_OnTinyModel_HoldsTheContract(BoftSpec spec)
    {
        MethodChecks.HasTheSlopesOfTheLoss(spec, bias: true, deviation: 0.1);
        MethodChecks.MergesIntoTheBase(spec, bias: true);
        MethodChecks.StartsAtTheBase(spec, bias: true);
        MethodChecks.SavesAndLoads(spec);
    }

    [Fact]
    public void Pass_InBf16_Trains() => MethodChecks.TrainsInBf16(new BoftSpec { Factors = 2 }, bias: true);

    [Fact]
    public void BlockDropout_InTraining_ActsByTheSeed() => MethodChecks.DropsTheSameForTheSameSeed(new BoftSpec { Factors = 2, Dropout = 0.5 });

    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 4)]
    [InlineData(3, 2)]
    public void Merge_OfUnequalShapes_MultipliesByTheButterfly(int factors, int size)
    {
        using var model = new TinyModel(ScalarType.Float64);
        using var adapter = MethodChecks.Randomized(new BoftSpec { BlockSize = size, Factors = factors }, model.SiteOf(ScalarType.Float64));
        using var scope = NewDisposeScope();
        foreach (string name in new[] { "0.self_attn.k_proj", "1.mlp.down_proj" })
        {
            var module = MethodChecks.Module(model, name);
            var weight = model.Weights(module.Layer).Weight;
            var expected = weight.matmul(Butterfly(adapter, module, factors, size).t()) * adapter.Parameters[PeftFormat.Key(module, "boft_s")].detach();
            Assert.InRange(RotationFormulas.Difference(expected, adapter.MergeWeight(module, weight)), 0, 1e-9);
        }
    }

    [Fact]
    public void Load_SingleFactorUnderAConfigOfTwo_TakesWhatIsThere()
    {
        using var folder = new TestDirectory();
        using var model = new TinyModel();
        using (var single = MethodChecks.Randomized(new BoftSpec(), model.Site)) PeftFormat.Save(single, folder.Root, "tiny");
        string config = folder.File(PeftFormat.ConfigFile);
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"boft_n_butterfly_factor\": 1", "\"boft_n_butterfly_factor\": 2", StringComparison.Ordinal));
        using var loaded = PeftFormat.Load(folder.Root, model.Site);
        Assert.Equal((2, 1), (((BoftSpec)loaded.Spec).Factors, ((BoftSpec)loaded.Spec).StoredFactors));
    }

    [Fact]
    public void Settings_ThatCannotBe_AreRefused()
    {
        using var model = new TinyModel();
        Assert.Contains("expected exactly one of them to be 0", Refusal(new BoftSpec { BlockCount = 2 }), StringComparison.Ordinal);
        Assert.Contains("which blocks of 5 do not divide", Refusal(new BoftSpec { BlockSize = 5 }), StringComparison.Ordinal);
        Assert.Contains("which 7 blocks do not divide", Refusal(new BoftSpec { BlockSize = 0, BlockCount = 7 }), StringComparison.Ordinal);
        Assert.Contains("has 6 blocks of 4 inputs; 3 butterfly factors need", Refusal(new BoftSpec { Factors = 3 }), StringComparison.Ordinal);

        string Refusal(BoftSpec spec) => Assert.Throws<ArgumentException>(() => AdapterMethods.Build(spec, model.Site)).Message;
    }

    // B_N .. B_1 with each B = P blockdiag(R) P^T.
    private static Tensor Butterfly(IAdapter adapter, ModuleTarget module, int factors, int size)
    {
        int features = module.InputFeatures;
        var all = eye(features, dtype: ScalarType.Float64);
        for (int factor = 0; factor < factors; factor++)
        {
            var stored = adapter.Parameters[PeftFormat.Key(module, "boft_R")].detach().select(0, factor);
            var diagonal = RotationFormulas.BlockDiagonal([.. stored.unbind(0).Select(values => RotationFormulas.Cayley((values - values.t()) * 0.5))]);
            var permutation = Permutation(features, features / size >> factor, size / 2);
            all = permutation.matmul(diagonal).matmul(permutation.t()).matmul(all);
        }
        return all;
    }

    // Row i has its 1 at the feature that comes to place i: of each stretch first the groups 0, 2, .., then 1, 3, ..
    private static Tensor Permutation(int features, int stretches, int group)
    {
        var order = new List<int>();
        int length = features / stretches;
        for (int start = 0; start < features; start += length)
            foreach (int parity in new[] { 0, 1 })
                for (int first = parity * group; first < length; first += 2 * group) order.AddRange(Enumerable.Range(start + first, group));
        var matrix = new double[features, features];
        for (int i = 0; i < features; i++) matrix[i, order[i]] = 1;
        return tensor(matrix);
    }
}

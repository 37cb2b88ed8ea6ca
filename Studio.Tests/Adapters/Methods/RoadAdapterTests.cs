using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Tensors;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

/// <summary>RoAd against PEFT, finite differences and rotations pair by pair.</summary>
public sealed class RoadAdapterTests : TensorTest
{
    public static TheoryData<string, int> Variants => new()
    {
        { RoadSpec.PerPair, 4 }, { RoadSpec.PerFeature, 4 }, { RoadSpec.TwoPerFeature, 4 }, { RoadSpec.PerPair, 2 }, { RoadSpec.TwoPerFeature, 2 },
    };

    [Fact]
    public void Fixtures_OfPeft_Agree() => MethodChecks.AgreesWithPeft("*/road");

    [Fact]
    public void Folder_OfPeft_RoundTrips() => MethodChecks.RoundTripsPeftsFolder("llama", "road");

    [Theory]
    [MemberData(nameof(Variants))]
    public void Adapter_OnTinyModel_HoldsTheContract(string variant, int group)
    {
        var spec = new RoadSpec { Variant = variant, GroupSize = group };
        // Half the angles of road_4 act through a cosine whose slope is 0 at the start: random values lead away from it.
        MethodChecks.HasTheSlopesOfTheLoss(spec, bias: true);
        MethodChecks.MergesIntoTheBase(spec, bias: true);
        MethodChecks.StartsAtTheBase(spec);
        MethodChecks.TrainsInBf16(spec);
        MethodChecks.SavesAndLoads(spec);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Merge_OfWeightAndBias_TurnsPairByPair(string variant, int group)
    {
        using var model = new TinyModel(bias: true);
        using var adapter = MethodChecks.Randomized(new RoadSpec { Variant = variant, GroupSize = group }, model.Site);
        using var scope = NewDisposeScope();
        var module = MethodChecks.Module(model, "0.self_attn.k_proj"); // 24 to 12
        float[] theta = adapter.Parameters[PeftFormat.Key(module, "road_theta")].ToFloatArray(), alpha = adapter.Parameters[PeftFormat.Key(module, "road_alpha")].ToFloatArray();
        var (weight, bias) = model.Weights(module.Layer);
        float[] b = bias!.ToFloatArray(), merged = adapter.MergeBias(module, bias)!.ToFloatArray(), w = weight.ToFloatArray(), mergedWeight = adapter.MergeWeight(module, weight).ToFloatArray();
        for (int i = 0; i < 12; i++)
        {
            int place = i % group, start = i - place, half = group / 2;
            bool second = place >= half;
            int mate = second ? i - half : i + half;
            // Where the angle and the factor of a feature's own value and of its mate's lie.
            var (own, across) = variant switch
            {
                RoadSpec.PerPair => (start / 2 + place % half, start / 2 + place % half),
                RoadSpec.PerFeature => (i, i),
                _ => (2 * start + place, 2 * start + group + place),
            };
            double cosine = alpha[own] * Math.Cos(theta[own]), sine = alpha[across] * Math.Sin(theta[across]) * (second ? 1 : -1);
            Assert.Equal(b[i] * cosine + b[mate] * sine, merged[i], 1e-5);
            for (int j = 0; j < 24; j++) Assert.Equal(w[i * 24 + j] * cosine + w[mate * 24 + j] * sine, mergedWeight[i * 24 + j], 1e-5);
        }
    }

    [Theory]
    [InlineData(64, "which groups of 64 do not divide")]
    [InlineData(3, "Group size is 3; expected an even number")]
    public void GroupSize_ThatCannotBe_IsRefused(int group, string message)
    {
        using var model = new TinyModel();
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => AdapterMethods.Build(new RoadSpec { GroupSize = group }, model.Site)).Message, StringComparison.Ordinal);
    }
}

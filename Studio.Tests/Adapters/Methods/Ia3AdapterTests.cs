using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Tensors;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

/// <summary>IA3 against PEFT, finite differences and its formula.</summary>
public sealed class Ia3AdapterTests : TensorTest
{
    private static Ia3Spec Spec { get; } = new() { Targets = TargetSelection.Of("k_proj", "v_proj", "down_proj") };

    [Fact]
    public void Fixtures_OfPeft_Agree() => MethodChecks.AgreesWithPeft("*/ia3");

    [Fact]
    public void Training_RecordedByPeft_IsRepeated() => MethodChecks.RepeatsPeftsTraining("*__ia3");

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    [InlineData("qwen3")]
    public void Folder_OfPeft_RoundTrips(string family) => MethodChecks.RoundTripsPeftsFolder(family, "ia3");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Adapter_OnTinyModel_HoldsTheContract(bool bias)
    {
        MethodChecks.HasTheSlopesOfTheLoss(Spec, bias);
        MethodChecks.MergesIntoTheBase(Spec, bias);
        MethodChecks.StartsAtTheBase(Spec, bias);
        MethodChecks.TrainsInBf16(Spec, bias);
        MethodChecks.SavesAndLoads(Spec, bias);
    }

    [Fact]
    public void Merge_OutputAndInputModules_ScaleRowsBiasAndColumns()
    {
        using var model = new TinyModel(bias: true);
        using var adapter = MethodChecks.Randomized(Spec, model.Site);
        using var scope = NewDisposeScope();
        var value = MethodChecks.Module(model, "0.self_attn.v_proj");
        var (weight, bias) = model.Weights(value.Layer);
        float[] scale = adapter.Parameters[PeftFormat.Key(value, "ia3_l")].ToFloatArray(), merged = adapter.MergeWeight(value, weight).ToFloatArray(), frozen = weight.ToFloatArray();
        Assert.All(Enumerable.Range(0, merged.Length), i => Assert.Equal(frozen[i] * scale[i / value.InputFeatures], merged[i]));
        float[] mergedBias = adapter.MergeBias(value, bias)!.ToFloatArray(), frozenBias = bias!.ToFloatArray();
        Assert.All(Enumerable.Range(0, mergedBias.Length), i => Assert.Equal(frozenBias[i] * scale[i], mergedBias[i]));

        var down = MethodChecks.Module(model, "0.mlp.down_proj");
        (weight, bias) = model.Weights(down.Layer);
        (scale, merged, frozen) = (adapter.Parameters[PeftFormat.Key(down, "ia3_l")].ToFloatArray(), adapter.MergeWeight(down, weight).ToFloatArray(), weight.ToFloatArray());
        Assert.All(Enumerable.Range(0, merged.Length), i => Assert.Equal(frozen[i] * scale[i % down.InputFeatures], merged[i]));
        Assert.Equal(bias!.ToFloatArray(), adapter.MergeBias(down, bias)!.ToFloatArray());
    }

    [Fact]
    public void FeedForwardModules_NotSet_AreThoseThatLeadOutOfTheMlp()
    {
        using var gpt2 = BaseModel.Load("gpt2", FixtureFolder.Model("gpt2"), ScalarType.Float32, CPU);
        using var all = AdapterMethods.Build(new Ia3Spec(), gpt2.AdapterSite());
        Assert.Equal(["mlp.c_proj"], ((Ia3Spec)all.Spec).FeedForward);
        using var model = new TinyModel();
        using var named = AdapterMethods.Build(Spec, model.Site);
        Assert.Equal(["down_proj"], ((Ia3Spec)named.Spec).FeedForward);
    }

    [Fact]
    public void FeedForwardModules_AsAnExpression_ScaleInputs()
    {
        using var model = new TinyModel();
        using var adapter = AdapterMethods.Build(Spec with { FeedForwardPattern = @".*\.(k|down)_proj" }, model.Site);
        Assert.Equal([1, 24], adapter.Parameters["base_model.model.model.layers.0.self_attn.k_proj.ia3_l"].shape);
        Assert.Equal([1, 40], adapter.Parameters["base_model.model.model.layers.0.mlp.down_proj.ia3_l"].shape);
        Assert.Equal([12, 1], adapter.Parameters["base_model.model.model.layers.0.self_attn.v_proj.ia3_l"].shape);
    }

    [Fact]
    public void FeedForwardModule_ThatIsNoTarget_IsRefused()
    {
        using var model = new TinyModel();
        var refusal = Assert.Throws<ArgumentException>(() => AdapterMethods.Build(Spec with { FeedForward = ["up_proj"] }, model.Site));
        Assert.Contains("The feed-forward module 'up_proj' is not one of the target modules k_proj, v_proj, down_proj", refusal.Message, StringComparison.Ordinal);
    }
}

using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

/// <summary>BitFit against finite differences, on bases with biases and without.</summary>
public sealed class BitFitTests : TensorTest
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Adapter_OnTinyModel_HoldsTheContract(bool bias, bool addMissing)
    {
        var spec = new BitFitSpec { AddMissing = addMissing };
        MethodChecks.HasTheSlopesOfTheLoss(spec, bias);
        MethodChecks.MergesIntoTheBase(spec, bias);
        MethodChecks.StartsAtTheBase(spec, bias);
        MethodChecks.TrainsInBf16(spec, bias);
        MethodChecks.SavesAndLoads(spec, bias);
    }

    [Fact]
    public void Targets_OfGpt2_AreAllBiasesOfProjectionsAndNorms()
    {
        using var model = BaseModel.Load("gpt2", FixtureFolder.Model("gpt2"), ScalarType.Float32, CPU);
        using var adapter = AdapterMethods.Build(new BitFitSpec(), model.AdapterSite());
        // Per block four projections and two norms, and the final norm.
        Assert.Equal(6 * model.Config.Blocks + 1, adapter.Parameters.Entries.Count());
        Assert.Contains("base_model.model.transformer.ln_f.bias", adapter.Parameters.Entries.Select(entry => entry.Name));
    }

    [Fact]
    public void Base_WithoutBiases_IsRefusedUnlessTheyAreAdded()
    {
        using var model = new TinyModel();
        var refusal = Assert.Throws<ArgumentException>(() => AdapterMethods.Build(new BitFitSpec(), model.Site));
        Assert.Contains("None of the target modules of this base model has a bias", refusal.Message, StringComparison.Ordinal);
        var added = new BitFitSpec { AddMissing = true, Targets = TargetSelection.Of("q_proj", "down_proj", "lm_head") };
        Assert.Equal(2 * (24 + 24), AdapterMethods.CountParameters(added, model.Modules));
    }
}

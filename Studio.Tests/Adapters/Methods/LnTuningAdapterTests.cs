using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

/// <summary>LN tuning against PEFT, finite differences and its formula.</summary>
public sealed class LnTuningAdapterTests : TensorTest
{
    public static TheoryData<string> Families => [.. Directory.EnumerateDirectories(Path.Combine(FixtureFolder.Root, "models")).Select(folder => Path.GetFileName(folder)!).Where(name => name != "olmo")];

    [Fact]
    public void Fixtures_OfPeft_Agree() => MethodChecks.AgreesWithPeft("*/ln_tuning");

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void Folder_OfPeft_RoundTrips(string family) => MethodChecks.RoundTripsPeftsFolder(family, "ln_tuning");

    [Fact]
    public void Adapter_OnTinyModel_HoldsTheContract()
    {
        MethodChecks.HasTheSlopesOfTheLoss(new LnTuningSpec());
        MethodChecks.MergesIntoTheBase(new LnTuningSpec());
        MethodChecks.StartsAtTheBase(new LnTuningSpec());
        MethodChecks.TrainsInBf16(new LnTuningSpec());
        MethodChecks.SavesAndLoads(new LnTuningSpec());
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void DefaultTargets_OfEveryFamily_AreAllNorms(string family)
    {
        using var model = BaseModel.Load(family, FixtureFolder.Model(family), ScalarType.Float32, CPU);
        var norms = model.Model.Modules.All.Where(module => module.Kind == ModuleKind.Norm).Select(module => module.Name);
        Assert.Equal(norms, new LnTuningSpec().Select(model.Model.Modules).Select(module => module.Name));
    }

    [Theory]
    [InlineData("qwen3")]
    [InlineData("cohere_qknorm")]
    [InlineData("olmo2")]
    [InlineData("gemma2")]
    public void Start_OnNormsOfHeadsToo_CopiesTheBase(string family)
    {
        using var model = BaseModel.Load(family, FixtureFolder.Model(family), ScalarType.Float32, CPU);
        using var adapter = AdapterMethods.Build(new LnTuningSpec(), model.AdapterSite());
        using var random = new Generator(1);
        adapter.Initialize(random);
        using var scope = NewDisposeScope();
        foreach (var module in model.Model.Modules.All.Where(module => module.Kind == ModuleKind.Norm))
        {
            var frozen = model.Model.Norms[module.Norm].Weights.Weight;
            Assert.True(adapter.Parameters[PeftFormat.Key(module, "ln_tuning_layers.weight")].equal(frozen).all().item<bool>(), module.Name);
        }
    }

    [Fact]
    public void Projection_AsTarget_IsRefused()
    {
        using var model = new TinyModel();
        var refusal = Assert.Throws<ArgumentException>(() => AdapterMethods.Build(new LnTuningSpec { Targets = TargetSelection.Of("q_proj") }, model.Site));
        Assert.Contains("is a linear projection; LN tuning takes norms only", refusal.Message, StringComparison.Ordinal);
    }
}

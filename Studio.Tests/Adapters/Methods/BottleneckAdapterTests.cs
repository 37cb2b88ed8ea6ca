using System.Text.Json.Nodes;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Tests.Storage;
using Studio.Tests.Support;

namespace Studio.Tests.Adapters.Methods;

/// <summary>Bottleneck adapters against finite differences, and their files.</summary>
public sealed class BottleneckAdapterTests : TensorTest
{
    private static BottleneckSpec Spec { get; } = new() { Width = 5 };

    public static TheoryData<BottleneckSpec> Variants =>
    [
        Spec with { Placement = BottleneckSpec.Houlsby, Activation = "gelu" },
        Spec with { Placement = BottleneckSpec.Pfeiffer, Activation = "tanh", Scale = 0.5 },
        Spec with { Blocks = [1], Activation = "silu" },
    ];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Adapter_OnTinyModel_HoldsTheContract(BottleneckSpec spec)
    {
        MethodChecks.HasTheSlopesOfTheLoss(spec);
        MethodChecks.StartsAtTheBase(spec);
        MethodChecks.TrainsInBf16(spec);
        MethodChecks.SavesAndLoads(spec);
    }

    [Fact]
    public void Dropout_InTraining_ActsByTheSeed() => MethodChecks.DropsTheSameForTheSameSeed(Spec with { Dropout = 0.5 });

    [Theory]
    [InlineData(BottleneckSpec.Houlsby, 4)]
    [InlineData(BottleneckSpec.Pfeiffer, 2)]
    public void Placement_OfTwoBlocks_SaysHowManyAdaptersThereAre(string placement, int adapters)
    {
        using var model = new TinyModel();
        Assert.Equal(adapters * (24 * 5 + 5 + 5 * 24 + 24), AdapterMethods.CountParameters(Spec with { Placement = placement }, model.Modules));
    }

    [Fact]
    public void Save_OfAMethodThatPeftLacks_SaysSoInItsType()
    {
        using var folder = new TestDirectory();
        using var model = new TinyModel();
        using var adapter = MethodChecks.Randomized(Spec, model.Site);
        PeftFormat.Save(adapter, folder.Root, "tiny");
        Assert.Equal("STUDIO_BOTTLENECK", (string?)JsonNode.Parse(File.ReadAllText(folder.File(PeftFormat.ConfigFile)))!["peft_type"]);
        Assert.Equal("bottleneck acts on activations and cannot be written into weights.", adapter.WhyNotMerged);
    }

    [Fact]
    public void Settings_ThatCannotBe_AreRefused()
    {
        using var model = new TinyModel();
        Assert.Contains("There is no block 2; this base model has blocks 0 to 1", Refusal(Spec with { Blocks = [0, 2] }), StringComparison.Ordinal);
        Assert.Contains("Placement is 'below'; expected one of houlsby, pfeiffer", Refusal(Spec with { Placement = "below" }), StringComparison.Ordinal);
        Assert.Contains("Bottleneck is 0; expected 1 to", Refusal(Spec with { Width = 0 }), StringComparison.Ordinal);

        string Refusal(BottleneckSpec spec) => Assert.Throws<ArgumentException>(() => AdapterMethods.Build(spec, model.Site)).Message;
    }
}

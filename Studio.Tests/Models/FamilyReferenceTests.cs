using Studio.Bench.Verify;
using Studio.Core.Models.Families;
using Studio.Tests.Support;

namespace Studio.Tests.Models;

/// <summary>Every family against the Hugging Face libraries: logits, loss, gradients through the frozen layers, hidden states, generation.</summary>
public sealed class FamilyReferenceTests : TensorTest
{
    public static TheoryData<string> Models => FamilyFixtures.All;

    [Theory]
    [MemberData(nameof(Models))]
    public void Model_EveryFamily_EqualsTheReference(string name)
    {
        var verdict = Assert.Single(VerifyRunner.Run(CaseKind.Models, FixtureFolder.Root, name));
        Assert.True(verdict.Passed, verdict.Detail);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void AllLinearLora_EveryFamily_EqualsTheReference(string name)
    {
        var verdict = Assert.Single(VerifyRunner.Run(CaseKind.Adapters, FixtureFolder.Root, name + "/lora_all_linear"));
        Assert.True(verdict.Passed, verdict.Detail);
    }

    [Fact]
    public void Families_All_HaveAReferenceModel()
    {
        var covered = FamilyFixtures.Names.Select(name => Studio.Core.Models.ConfigReader.Open(Path.Combine(FixtureFolder.Model(name), "config.json")).Text("model_type")).ToHashSet();
        Assert.DoesNotContain(DecoderFamilies.Names, family => !covered.Contains(family));
    }
}

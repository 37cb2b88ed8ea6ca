using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Serving;
using Studio.Tests.Support;

namespace Studio.Tests.Adapters;

public sealed class AdapterAdviceTests
{
    private static readonly AdapterMethod Lora = AdapterMethods.Named(LoraSpec.MethodName);

    [Theory]
    [InlineData(8, 16, false, 2.0)]
    [InlineData(64, 16, false, 0.25)]
    [InlineData(64, 16, true, 2.0)]
    public void Scale_OfLora_IsAlphaOverRankOrItsRoot(int rank, double alpha, bool rsLora, double expected)
    {
        var advice = AdapterAdvice.Of(new LoraSpec { Rank = rank, Alpha = alpha, UseRsLora = rsLora }, Lora, 1000, 1e-3);

        Assert.Equal(expected, advice.Scale);
        Assert.Equal(expected * 1e-3, advice.StepScale);
    }

    [Fact]
    public void Bytes_AreFourAValueAndTwelveWhileTraining()
    {
        var advice = AdapterAdvice.Of(new LoraSpec(), Lora, 1000);

        Assert.Equal((4000L, 12000L), (advice.ValueBytes, advice.TrainingBytes));
        Assert.Null(advice.StepScale);
        Assert.Null(AdapterAdvice.Of(new LoraSpec(), Lora, null).TrainingBytes);
    }

    // LoRA's range is 1e-4 to 2e-3.
    [Theory]
    [InlineData(null, RateVerdict.Fits)]
    [InlineData(1e-3, RateVerdict.Fits)]
    [InlineData(5e-3, RateVerdict.Fits)]
    [InlineData(5e-5, RateVerdict.Fits)]
    [InlineData(1e-2, RateVerdict.FarAbove)]
    [InlineData(1e-5, RateVerdict.FarBelow)]
    public void Verdict_OnlyFarOutsideTheRange_IsAWarning(double? rate, RateVerdict expected) => Assert.Equal(expected, AdapterAdvice.Of(new LoraSpec(), Lora, 1000, rate).Verdict);

    [Fact]
    public void Idle_BiasesOfAModelWithoutAny_AreSaid()
    {
        var modules = FixtureModules.Of("llama");

        Assert.Contains("this model has none", Assert.Single(AdapterAdvice.Idle(new LoraSpec { Bias = BiasTraining.All }, modules)), StringComparison.Ordinal);
        Assert.Contains("the target modules have none", Assert.Single(AdapterAdvice.Idle(new LoraSpec { Bias = BiasTraining.TargetsOnly }, modules)), StringComparison.Ordinal);
        Assert.Empty(AdapterAdvice.Idle(new LoraSpec { Bias = BiasTraining.All }, FixtureModules.Of("gpt2")));
        Assert.Empty(AdapterAdvice.Idle(new LoraSpec(), modules));
    }

    [Fact]
    public void Idle_TargetThatIsTrainedAsAWhole_IsSaid() =>
        Assert.Equal("The method learns nothing on v_proj: what is trained as a whole takes its place there.",
            Assert.Single(AdapterAdvice.Idle(new LoraSpec { ModulesToSave = ["v_proj"] }, FixtureModules.Of("llama"))));

    [Fact]
    public void Targets_OfLlama_AreShortNamesWithTheirKinds()
    {
        var targets = TargetChoiceInfo.Of(FixtureModules.Of("llama"));

        Assert.Equal(["q_proj", "k_proj", "v_proj", "o_proj"], targets.Where(target => target.IsAttention).Select(target => target.Name));
        Assert.Equal(["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"], targets.Where(target => target.Kind == TargetKinds.Linear).Select(target => target.Name));
        Assert.Contains(targets, target => target is { Name: "embed_tokens", Kind: TargetKinds.Embedding });
        Assert.Contains(targets, target => target is { Name: "input_layernorm", Kind: TargetKinds.Norm });
        Assert.DoesNotContain(targets, target => target.Name == "lm_head");
    }

    [Fact]
    public void Targets_OfGpt2_TellTheTwoOutputProjectionsApart()
    {
        var modules = FixtureModules.Of("gpt2");
        var targets = TargetChoiceInfo.Of(modules);

        Assert.Equal(["c_attn", "attn.c_proj"], targets.Where(target => target.IsAttention).Select(target => target.Name));
        Assert.Contains(targets, target => target is { Name: "mlp.c_proj", IsAttention: false });
        Assert.Empty(new LoraSpec { Targets = TargetSelection.Of("c_attn", "attn.c_proj") }.Problems(modules));
    }

    [Theory]
    [InlineData("base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight", 1, "self_attn.q_proj", "lora_A.weight")]
    [InlineData("base_model.model.model.layers.0.input_layernorm.weight", 0, "input_layernorm", "weight")]
    [InlineData("base_model.model.lm_head.weight", -1, "lm_head", "weight")]
    [InlineData("prompt_embeddings", -1, "", "prompt_embeddings")]
    [InlineData("base_model.model.model.layers.1.other.down", 1, "", "other.down")]
    public void TensorPlace_IsBlockModuleAndPart(string name, int block, string module, string part) =>
        Assert.Equal(new TensorPlace(block, module, part), TensorPlace.Of(name, FixtureModules.Of("llama")));
}

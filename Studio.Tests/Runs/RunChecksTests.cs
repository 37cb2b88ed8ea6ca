using Studio.Core;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;

namespace Studio.Tests.Runs;

/// <summary>What is wrong with a request is said before it starts: field, value found, value wanted, and all of it at once.</summary>
public sealed class RunChecksTests : RunTest
{
    [Fact]
    public async Task StartAsync_ManyThingsWrong_NamesEachAndStartsNothing()
    {
        await using var studio = await OpenAsync();
        var request = studio.Request("no-such-set");
        request = request with
        {
            Name = new string('n', 201),
            Adapter = new LoraSpec { Rank = 0, Alpha = -1, Dropout = 1, Targets = TargetSelection.Of("q_proj", "w_proj", "x_proj") },
            Training = request.Training with
            {
                Epochs = 0, MaxSteps = 0, BatchSize = 0, GradientAccumulation = -1, LearningRate = double.NaN, WarmupRatio = 2, WeightDecay = -0.5,
                MaxGradientNorm = -1, MaxLength = 7, EvalFraction = 0.75, EvalEverySteps = -3, Share = 0,
            },
        };
        string[] expected =
        [
            "Epochs are 0; expected above 0 and at most 10000.",
            "The most steps are 0; expected at least 1.",
            "Batch size is 0; expected 1 to 4096.",
            "Gradient accumulation is -1; expected 1 to 4096.",
            "Learning rate is NaN; expected above 0 and at most 10.",
            "Warm-up ratio is 2; expected 0 to 1.",
            "Weight decay is -0.5; expected 0 to 1.",
            "The largest gradient norm is -1; expected 0 (off) or more.",
            "The largest length is 7; expected 8 to 1000000.",
            "The held-out part is 0.75; expected 0 to 0.5.",
            "Evaluation every -3 steps; expected 0 or more.",
            "The share is 0; expected above 0 and at most 100.",
            "The name has 201 characters; expected at most 200.",
            "There is no data set 'no-such-set'.",
            "Rank is 0; expected 1 to 4096.",
            "Alpha is -1; expected a number above 0.",
            "Dropout is 1; expected at least 0 and below 1.",
            "The target module 'w_proj' matches nothing in this model; it has embed_tokens, q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj, lm_head.",
            "The target module 'x_proj' matches nothing in this model; it has embed_tokens, q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj, lm_head.",
        ];
        Assert.Equal(expected, await studio.Runs.CheckAsync(request));
        Assert.Equal(expected, (await Assert.ThrowsAsync<StudioException>(() => studio.Runs.StartAsync(request))).Details);
        Assert.Equal(expected, (await Assert.ThrowsAsync<StudioException>(() => studio.Runs.ForecastAsync(request))).Details);
        Assert.Empty(studio.Runs.Runs);
        Assert.Empty(await studio.Database.Runs.ListAsync());
        Assert.Empty(await studio.Adapters.ListAsync());
    }

    [Fact]
    public async Task ForecastAsync_WithActivationCheckpointing_ExpectsLessOfAStep()
    {
        await using var studio = await OpenAsync();
        var request = studio.Request(await studio.ImportAsync(TestRows.Jsonl(20)));
        var (whole, checkpointed) = (await studio.Runs.ForecastAsync(request), await studio.Runs.ForecastAsync(request with { Training = request.Training with { ActivationCheckpointing = true } }));
        Assert.Equal((whole.TotalSteps, whole.Memory.Held), (checkpointed.TotalSteps, checkpointed.Memory.Held));
        Assert.True(checkpointed.Memory.Activations < whole.Memory.Activations, $"{checkpointed.Memory.Activations} bytes, {whole.Memory.Activations} without.");
    }

    [Fact]
    public async Task CheckAsync_UnknownModel_StillNamesTheRest()
    {
        await using var studio = await OpenAsync();
        var request = studio.Request(await studio.ImportAsync(TestRows.Jsonl(4))) with { ModelId = "gone", Adapter = new LoraSpec { Rank = -2 } };
        Assert.Equal(["Rank is -2; expected 1 to 4096.", "The base model 'gone' is not loaded."], await studio.Runs.CheckAsync(request));
    }

    [Theory]
    [InlineData("(q_proj", "The target pattern '(q_proj' is not a regular expression: ")]
    [InlineData("nothing", "The target modules 'nothing' select nothing in this model; it has ")]
    [InlineData("model.norm", "The target module 'model.norm' is a norm; LoRA takes linear projections and the token embedding only.")]
    public async Task CheckAsync_TargetsThatDoNotFit_AreFound(string pattern, string finding)
    {
        await using var studio = await OpenAsync();
        var spec = new LoraSpec { Targets = new TargetSelection { Pattern = pattern } };
        var request = studio.Request(await studio.ImportAsync(TestRows.Jsonl(4))) with { Adapter = spec };
        Assert.StartsWith(finding, Assert.Single(await studio.Runs.CheckAsync(request)), StringComparison.Ordinal);
        Assert.Equal(await studio.Runs.CheckAsync(request), studio.Adapters.Check(spec, studio.ModelId));
    }

    [Fact]
    public async Task CheckAsync_PatternsOfRankAndAlpha_AreLookedAt()
    {
        await using var studio = await OpenAsync();
        var spec = new LoraSpec
        {
            RankPattern = new Dictionary<string, int> { ["q_proj"] = 0, ["["] = 4 },
            AlphaPattern = new Dictionary<string, double> { ["v_proj"] = double.NaN },
        };
        Assert.Equal(
            [
                "The rank of pattern 'q_proj' is 0; expected 1 to 4096.",
                "The alpha of pattern 'v_proj' is NaN; expected a number above 0.",
                "The pattern '[' is not a regular expression; expected one over module names.",
            ],
            await studio.Runs.CheckAsync(studio.Request(await studio.ImportAsync(TestRows.Jsonl(4))) with { Adapter = spec }));
    }

    [Fact]
    public async Task CheckAsync_LongerThanTheModelReads_IsFound()
    {
        await using var studio = await OpenAsync();
        var request = studio.Request(await studio.ImportAsync(TestRows.Jsonl(1)));
        request = request with { Training = request.Training with { MaxLength = TinyModelFolder.ContextLength + 1 } };
        Assert.Equal(
            ["The data set 'rows' has 1 usable rows; a run needs at least 2.", "The largest length is 513 tokens; the base model 'model' reads at most 512."],
            await studio.Runs.CheckAsync(request));
    }
}

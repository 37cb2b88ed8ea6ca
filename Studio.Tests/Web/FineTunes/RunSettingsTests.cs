using System.Globalization;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Runs;
using Studio.Core.Training;
using Studio.Web.FineTunes;

namespace Studio.Tests.Web.FineTunes;

public sealed class RunSettingsTests : IDisposable
{
    private readonly CultureInfo _before = CultureInfo.CurrentCulture;

    public RunSettingsTests() => CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

    public void Dispose() => CultureInfo.CurrentCulture = _before;

    private static readonly RunNames Names = new(
        new Dictionary<string, string> { ["m"] = "starter" }, new Dictionary<string, string> { ["a"] = "Pirate", ["b"] = "Json" });

    [Fact]
    public void Of_Request_SaysEverySettingOnceInWords()
    {
        var settings = RunSettings.Of(Request("a", new LoraSpec { UseRsLora = true }, new TrainingSettings { LearningRate = 5e-4, ActivationCheckpointing = true }), Names);

        Assert.Equal("starter", Value(settings, "Base model"));
        Assert.Equal("Pirate", Value(settings, "Dataset"));
        Assert.Equal("LoRA", Value(settings, "Method"));
        Assert.Equal("on", Value(settings, "Rank-stabilised scaling (rsLoRA)"));
        Assert.Equal("all-linear", Value(settings, "Target modules"));
        Assert.Equal("0.0005", Value(settings, "Learning rate"));
        Assert.Equal("Cosine", Value(settings, "Schedule"));
        Assert.Equal("42", Value(settings, "Seed"));
        Assert.Equal("on", Value(settings, RunFields.Checkpointing.Label));
    }

    [Fact]
    public void Of_NamedTargetsInSomeBlocks_SaysWhich()
    {
        var targets = TargetSelection.Of("q_proj", "v_proj") with { Blocks = [0, 3] };

        Assert.Equal("q_proj, v_proj; Blocks: 0, 3", Value(RunSettings.Of(Request("a", new LoraSpec { Targets = targets }), Names), "Target modules"));
    }

    [Fact]
    public void Of_UnknownIds_ShowsThem() => Assert.Equal("gone", Value(RunSettings.Of(Request("gone", new LoraSpec()), Names), "Dataset"));

    [Fact]
    public void Differences_TwoRuns_AreOnlyWhatIsNotTheSame()
    {
        var differences = SettingsDifferences.Of(
        [
            RunSettings.Of(Request("a", new LoraSpec { Rank = 4 }), Names),
            RunSettings.Of(Request("b", new LoraSpec { Rank = 8 }, new TrainingSettings { MaxSteps = 50 }), Names),
        ]);

        Assert.Equal(["Dataset", "Rank", "Most steps"], differences.Select(difference => difference.Label));
        Assert.Equal(["4", "8"], differences[1].Values);
        Assert.Equal(["", "50"], differences[2].Values);
    }

    [Fact]
    public void Differences_SameSettings_AreNone() =>
        Assert.Empty(SettingsDifferences.Of([RunSettings.Of(Request("a", new LoraSpec()), Names), RunSettings.Of(Request("a", new LoraSpec()), Names)]));

    private static string Value(IEnumerable<RunSetting> settings, string label) => Assert.Single(settings, setting => setting.Label == label).Value;

    private static RunRequest Request(string dataset, LoraSpec adapter, TrainingSettings? training = null) =>
        new() { ModelId = "m", DatasetId = dataset, Adapter = adapter, Training = training ?? new TrainingSettings() };
}

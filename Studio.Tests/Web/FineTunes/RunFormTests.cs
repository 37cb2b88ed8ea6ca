using System.Globalization;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Training;
using Studio.Tests.Web.Doubles;
using Studio.Web.FineTunes;

namespace Studio.Tests.Web.FineTunes;

public sealed class RunFormTests
{
    public static TheoryData<string> Presets { get; } = [.. RunPreset.All.Select(preset => preset.Name)];

    [Theory]
    [MemberData(nameof(Presets))]
    public void Apply_Preset_IsExactlyThatAndHasNoProblems(string name)
    {
        var preset = RunPreset.All.Single(preset => preset.Name == name);
        var form = Form(preset);

        var request = form.ToRequest("pirate", "Pirate");

        Assert.Same(preset, form.Preset);
        Assert.Equal(preset.Training, request.Training);
        Assert.Empty(request.Training.Problems());
        Assert.Empty(request.Adapter.Problems());
    }

    [Fact]
    public void Balanced_IsTheEnginesOwnDefault() => Assert.Equal(new TrainingSettings(), RunPreset.Balanced.Training);

    [Fact]
    public void Preset_AfterAChange_IsNone()
    {
        var form = Form();

        form.Seed = 7;

        Assert.Null(form.Preset);
    }

    [Theory]
    [InlineData(16, 32.0, false, 2.0)]
    [InlineData(16, 32.0, true, 8.0)]
    [InlineData(0, 32.0, false, null)]
    [InlineData(null, 32.0, false, null)]
    public void Scale_FollowsRankAndAlpha(int? rank, double? alpha, bool rsLora, double? expected)
    {
        var form = Form();
        form.Read(Setting("Rank"), rank?.ToString(CultureInfo.InvariantCulture) ?? "");
        form.Read(Setting("Alpha"), alpha?.ToString(CultureInfo.InvariantCulture) ?? "");
        form.Set(Setting("Rank-stabilised scaling (rsLoRA)"), rsLora);

        Assert.Equal(expected, form.Scale);
    }

    [Fact]
    public void ToSpec_AttentionOnly_TakesWhatTheModelHas()
    {
        var form = Form();
        form.KnownTargets = [new("q_proj", TargetKinds.Linear, true), new("v_proj", TargetKinds.Linear, true), new("gate_proj", TargetKinds.Linear, false)];
        form.Targets = TargetChoice.Attention;

        Assert.Equal(["q_proj", "v_proj"], ((LoraSpec)form.ToSpec()).Targets.Names);
    }

    [Fact]
    public void ToSpec_CustomWithoutAny_IsLeftToTheEngineToRefuse()
    {
        var form = Form();
        form.Targets = TargetChoice.Custom;

        Assert.Contains(form.ToSpec().Problems(), problem => problem.StartsWith("Target modules are empty", StringComparison.Ordinal));
    }

    [Fact]
    public void ToRequest_OneNameForSeveralDatasets_TellsThemApart()
    {
        var form = Form();
        form.Name = " try ";
        Assert.Equal("try", form.ToRequest("pirate", "Pirate").Name);

        form.DatasetIds.Add("json");

        Assert.Equal("try · Pirate", form.ToRequest("pirate", "Pirate").Name);
    }

    [Fact]
    public async Task Inspect_UnreadableNumbers_AreFoundBesideTheEnginesFindings()
    {
        var form = Form();
        form.LearningRate = null;
        form.Read(Setting("Rank"), "eight");
        form.Read(Setting("Dropout"), "1");

        var inspection = await InspectAsync(form, new TestRunService());

        Assert.Equal("Rank needs a number.", inspection.At(Field("Rank")));
        Assert.Equal("Learning rate needs a number.", inspection.At(RunFields.LearningRate));
        Assert.Equal("Dropout is 1; expected at least 0 and below 1.", inspection.At(Field("Dropout")));
        Assert.Empty(inspection.Forecasts);
    }

    [Fact]
    public async Task Inspect_RankZero_IsSaidAtTheField()
    {
        var form = Form();
        form.Read(Setting("Rank"), "0");

        var inspection = await InspectAsync(form, new TestRunService());

        Assert.Equal("Rank is 0; expected 1 to 4096.", inspection.At(Field("Rank")));
        Assert.Null(inspection.Adapter!.Advice.TrainableParameters);
        Assert.Empty(inspection.Forecasts);
    }

    [Fact]
    public async Task Inspect_FindingOfNoField_IsGeneral()
    {
        var inspection = await InspectAsync(Form(), new TestRunService { Findings = ["There is no data set 'x'."] });

        Assert.Equal(["There is no data set 'x'."], inspection.General);
        Assert.False(inspection.IsSound);
    }

    [Fact]
    public async Task Inspect_Sound_ForecastsEachDataset()
    {
        var form = Form();
        form.DatasetIds.Add("json");

        var inspection = await InspectAsync(form, new TestRunService());

        Assert.True(inspection.IsSound);
        Assert.Equal(["pirate", "json"], inspection.Forecasts.Select(forecast => forecast.DatasetId));
        Assert.Equal(8_000, inspection.Adapter!.Advice.TrainableParameters);
    }

    [Fact]
    public void Findings_OfTheEngine_AllHaveTheirField()
    {
        var training = new TrainingSettings
        {
            Epochs = 0, BatchSize = 0, GradientAccumulation = 0, LearningRate = 0, WarmupRatio = 2, WeightDecay = 2, MaxGradientNorm = -1,
            MaxLength = 0, EvalFraction = 1, EvalEverySteps = -1, Share = 0,
        };
        var adapter = new LoraSpec { Rank = 0, Alpha = 0, Dropout = 1, Targets = new TargetSelection() };

        var inspection = RunInspection.Of([.. training.Problems(), .. adapter.Problems()], Form());

        Assert.Empty(inspection.General);
        Assert.Equal(15, inspection.AtFields.Count);
    }

    private static RunForm Form(RunPreset? preset = null)
    {
        var form = new RunForm(preset ?? RunPreset.Balanced) { ModelId = TestModelService.ModelId };
        form.DatasetIds.Add("pirate");
        return form;
    }

    private static SettingField Setting(string label) => AdapterMethods.Named(LoraSpec.MethodName).Settings.Select(setting => setting.Field).First(field => field?.Label == label)!;

    private static FormField Field(string label) => RunFields.Adapter.All(AdapterMethods.Named(LoraSpec.MethodName)).Single(field => field.Label == label);

    private static Task<RunInspection> InspectAsync(RunForm form, TestRunService runs) =>
        new RunInspector(runs, new TestAdapterService()).InspectAsync(form, id => id, TestContext.Current.CancellationToken);
}

using Studio.Core.Storage;
using Studio.Tests.Web.Doubles;
using Studio.Web.FineTunes;

namespace Studio.Tests.Web.FineTunes;

public sealed class NextStepsTests
{
    private readonly TestRunService _runs = new();
    private readonly TestDatasetService _datasets = new();

    [Fact]
    public async Task Of_NothingYet_StartsTwoSamplesAtOnce()
    {
        _datasets.Add("json");
        _datasets.Add("pirate");
        _datasets.Add("mine", DatasetSource.Upload);

        var steps = await StepsAsync();

        Assert.Equal(["json", "pirate"], steps[0].Starts.Select(dataset => dataset.Id));
        Assert.Equal([StepStatus.Ready, StepStatus.Waiting, StepStatus.Waiting], steps.Select(step => step.Status));
        Assert.Null(steps[2].Path);
    }

    [Fact]
    public async Task Of_NoSamples_LinksToTheForm()
    {
        var start = (await StepsAsync())[0];

        Assert.Empty(start.Starts);
        Assert.Equal("/runs/new", start.Path);
    }

    [Fact]
    public async Task Of_NoModel_OffersNothingThatCannotWork()
    {
        _datasets.Add("json");
        _datasets.Add("pirate");

        var steps = await StepsAsync(hasModel: false);

        Assert.All(steps, step => Assert.Null(step.Path));
        Assert.Empty(steps[0].Starts);
    }

    [Fact]
    public async Task Of_TwoInTraining_ChatsWithOneAndComparesBoth()
    {
        _runs.Add("a");
        _runs.Add("b", RunState.Queued, step: 0);

        var steps = await StepsAsync();

        Assert.Equal(StepStatus.Done, steps[0].Status);
        Assert.Equal("/playground?adapters=base,a-adapter", steps[1].Path);
        Assert.Contains("step 10", steps[1].Text, StringComparison.Ordinal);
        Assert.StartsWith("/compare?runs=a,b&", steps[2].Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_AllEnded_SpeaksOfThePast()
    {
        _runs.Add("a", RunState.Finished);
        _runs.Add("b", RunState.Stopped);

        var steps = await StepsAsync();

        Assert.Equal("2 are there; none is in training now.", steps[0].Text);
        Assert.Equal("Chat with what you trained", steps[1].Title);
    }

    [Fact]
    public async Task Of_OneRun_AsksForASecond()
    {
        _runs.Add("a");

        var steps = await StepsAsync();

        Assert.Equal("Start another", steps[0].Action);
        Assert.Equal(StepStatus.Waiting, steps[2].Status);
    }

    private async Task<IReadOnlyList<NextStep>> StepsAsync(bool hasModel = true) =>
        NextSteps.Of(_runs.Runs, await _datasets.ListAsync(TestContext.Current.CancellationToken), hasModel);
}

using Studio.Core;
using Studio.Core.Adapters.Methods;
using Studio.Core.Runs;
using Studio.Core.Storage;

namespace Studio.Tests.Runs;

/// <summary>Runs within a memory budget: what does not fit is refused or waits with words, what exceeds it is paused.</summary>
public sealed class RunAdmissionTests : RunTest
{
    [Fact]
    public async Task StartAsync_NoRoomBesideTheFirst_WaitsWithTheReasonAndStartsWhenItEnds()
    {
        var (request, fits, memory) = await MeasureAsync();
        await using var studio = await OpenAsync(new RunManagerOptions { MemoryBudget = fits.Needed + memory.Held * 9 / 10, MemoryInterval = TimeSpan.FromMilliseconds(20) });
        var go = new TaskCompletionSource();
        studio.Environment.Created = _ => go.Task;
        var first = await studio.Runs.StartAsync(request);
        await studio.WhenAsync(first.Record.Id, run => run.Record.State == RunState.Running);
        var small = request with { Adapter = new LoraSpec { Rank = 1 } };
        small = small with { Training = small.Training with { BatchSize = 1 } };
        Assert.IsType<FitsNow>((await studio.Runs.ForecastAsync(small)).Verdict);
        var verdict = (await studio.Runs.ForecastAsync(request)).Verdict;
        Assert.Equal(first.Record.Id, Assert.IsType<StartsAfter>(verdict is FitsChanged changed ? changed.Unchanged : verdict).RunId);

        var second = await studio.Runs.StartAsync(request);
        var waiting = await studio.WhenAsync(second.Record.Id, run => run.Waiting is not null);
        Assert.Equal((RunState.Queued, "Waits for memory: starts when 'rows' ends."), (waiting.Record.State, waiting.Record.StateReason));
        Assert.Equal((WaitCause.Memory, first.Record.Id), (waiting.Waiting!.Cause, waiting.Waiting.RunId));
        Assert.Equal(waiting.Record.StateReason, (await studio.Database.Runs.GetAsync(second.Record.Id))!.StateReason);

        // It would fit beside the first, but does not overtake.
        var third = await studio.Runs.StartAsync(small);
        var behind = await studio.WhenAsync(third.Record.Id, run => run.Waiting is not null);
        Assert.Equal("Waits its turn: 'rows 2' is before it.", behind.Record.StateReason);

        go.SetResult();
        var ends = new List<RunRecord>();
        foreach (var run in (RunView[])[first, second, third]) ends.Add((await studio.WhenEndedAsync(run.Record.Id)).Record);
        Assert.All(ends, end => Assert.Equal((RunState.Finished, ""), (end.State, end.StateReason)));
        Assert.All(ends.Skip(1), end => Assert.True(ends[0].EndedAt <= end.StartedAt, $"'{end.Name}' began at {end.StartedAt:O}, the first ended at {ends[0].EndedAt:O}."));
    }

    [Fact]
    public async Task StartAsync_StoppedWhileItWaits_LetsTheNextIn()
    {
        var (request, fits, memory) = await MeasureAsync();
        await using var studio = await OpenAsync(new RunManagerOptions { MemoryBudget = fits.Needed + memory.Held * 9 / 10 });
        var go = new TaskCompletionSource();
        studio.Environment.Created = adapter => adapter.Name == "rows" ? go.Task : Task.CompletedTask;
        var first = await studio.Runs.StartAsync(request);
        await studio.WhenAsync(first.Record.Id, run => run.Record.State == RunState.Running);
        var second = await studio.Runs.StartAsync(request);
        var small = request with { Adapter = new LoraSpec { Rank = 1 } };
        var third = await studio.Runs.StartAsync(small with { Training = small.Training with { BatchSize = 1 } });
        await studio.WhenAsync(third.Record.Id, run => run.Waiting is { Cause: WaitCause.Turn });

        await studio.Runs.StopAsync(second.Record.Id);

        Assert.Equal(RunState.Finished, (await studio.WhenEndedAsync(third.Record.Id)).Record.State);
        Assert.Equal(RunState.Running, studio.Runs.Find(first.Record.Id)!.Record.State);
        Assert.Null(studio.Runs.Find(second.Record.Id)!.Waiting);
        go.SetResult();
        await studio.WhenEndedAsync(first.Record.Id);
    }

    [Fact]
    public async Task StartAsync_MoreThanTheBudget_IsRefusedAndSaysHowItWouldFit()
    {
        var (request, fits, memory) = await MeasureAsync();
        await using (var tiny = await OpenAsync(new RunManagerOptions { MemoryBudget = fits.Needed - memory.Step }))
        {
            var refusal = await Assert.ThrowsAsync<StudioException>(() => tiny.Runs.StartAsync(request));
            Assert.Equal("The run cannot start.", refusal.Message);
            Assert.StartsWith("Never fits: the studio would need ", Assert.Single(refusal.Details), StringComparison.Ordinal);
            Assert.Empty(tiny.Runs.Runs);
            Assert.Empty(await tiny.Database.Runs.ListAsync());
        }
        await using var studio = await OpenAsync(new RunManagerOptions { MemoryBudget = fits.Needed - 1 });
        var changed = Assert.IsType<FitsChanged>((await studio.Runs.ForecastAsync(request)).Verdict);
        Assert.Equal((2, 1, 2), (changed.BatchFrom, changed.Batch, changed.Accumulation));
        var smaller = request with { Training = request.Training with { BatchSize = changed.Batch, GradientAccumulation = changed.Accumulation } };
        Assert.Equal(RunState.Finished, (await studio.RunAsync(smaller)).Record.State);
    }

    [Fact]
    public async Task Watch_TheStudioOutgrowsItsBudget_PausesTheRunWithAnExplanation()
    {
        await using var studio = await OpenAsync(new RunManagerOptions { MemoryInterval = TimeSpan.FromMilliseconds(10) });
        var run = await studio.Runs.StartAsync(studio.Request(await studio.ImportAsync(TestRows.Jsonl(8)), steps: 1_000_000));
        await studio.WhenAsync(run.Record.Id, view => view.Record.State == RunState.Running);
        studio.UsedBytes = 2L << 40;
        var paused = await studio.WhenAsync(run.Record.Id, view => view.Record.State == RunState.Paused);
        Assert.StartsWith("The studio used 2.00 TiB of its memory budget of 922 GiB.", paused.Record.StateReason, StringComparison.Ordinal);

        studio.UsedBytes = 0;
        await studio.Runs.ResumeAsync(run.Record.Id);
        var resumed = await studio.WhenAsync(run.Record.Id, view => view.Record.State == RunState.Running);
        Assert.Equal("", resumed.Record.StateReason);
        await studio.Runs.StopAsync(run.Record.Id);
        await studio.WhenEndedAsync(run.Record.Id);
    }

    [Fact]
    public async Task ForecastAsync_OneLongRowAmongMany_IsTheOneThatCounts()
    {
        await using var studio = await OpenAsync();
        string shortRows = TestRows.Jsonl(500);
        string longRow = TestRows.Line(string.Join(' ', Enumerable.Repeat("walk the dog", 60)), "red") + "\n";
        var without = await studio.Runs.ForecastAsync(studio.Request(await studio.ImportAsync(shortRows, "short")));
        var with = await studio.Runs.ForecastAsync(studio.Request(await studio.ImportAsync(shortRows + longRow, "long")));
        Assert.True(with.Memory.Activations > 3 * without.Memory.Activations, $"{with.Memory.Activations} bytes with a long row, {without.Memory.Activations} without.");
        var cut = studio.Request((await studio.Datasets.ListAsync()).Single(dataset => dataset.Name == "long").Id);
        cut = cut with { Training = cut.Training with { MaxLength = 16 } };
        Assert.True((await studio.Runs.ForecastAsync(cut)).Memory.Activations < with.Memory.Activations / 3, "Rows that are cut take as much as whole ones.");
    }

    [Fact]
    public async Task View_RunThatTrains_SaysWhatWasExpectedAndWhatItHolds()
    {
        await using var studio = await OpenAsync();
        var request = studio.Request(await studio.ImportAsync(TestRows.Jsonl(8)), steps: 3);
        var forecast = await studio.Runs.ForecastAsync(request);
        RunMemory held = RunMemory.None;
        studio.Environment.Saved = (adapter, _) => held = studio.Runs.Find(adapter.RunId)!.Memory;
        var end = await studio.RunAsync(request);
        Assert.Equal(forecast.TrainableParameters * 4, held.Predicted!.Values);
        Assert.Equal(2 * held.Predicted.Values, held.Predicted.Moments);
        Assert.InRange(held.Predicted.Total, 1, forecast.Memory.Total); // of the rows it trains on, without those held out
        Assert.True(held.Held >= held.Predicted.Held, $"Holds {held.Held}, expected at least {held.Predicted.Held}.");
        Assert.Equal((held.Predicted, 0L), (end.Memory.Predicted, end.Memory.Held));
    }

    // What the usual request takes, with all memory there is.
    private async Task<(RunRequest Request, FitsNow Fits, MemoryForecast Memory)> MeasureAsync()
    {
        await using var studio = await OpenAsync();
        var request = studio.Request(await studio.ImportAsync(TestRows.Jsonl(8)), steps: 2);
        var forecast = await studio.Runs.ForecastAsync(request);
        return (request, Assert.IsType<FitsNow>(forecast.Verdict), forecast.Memory);
    }
}

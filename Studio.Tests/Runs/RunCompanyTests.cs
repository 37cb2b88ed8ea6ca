using Studio.Core.Execution;
using Studio.Core.Runs;
using Studio.Core.Storage;
using Studio.Tests.Execution.Placement;

namespace Studio.Tests.Runs;

/// <summary>A run's losses do not depend on who trains beside it.</summary>
public sealed class RunCompanyTests : RunTest
{
    [Theory]
    [InlineData(BatchingPolicy.None)]
    [InlineData(BatchingPolicy.Opportunistic)]
    [InlineData(BatchingPolicy.Lockstep)]
    public async Task StartAsync_TwoRunsAtOnce_LoseAsEachAlone(BatchingPolicy policy)
    {
        await using var studio = await OpenAsync();
        studio.Executor.Policy = policy;
        RunRequest[] requests =
        [
            OneRowAStep(studio.Request(await studio.ImportAsync(TestRows.Jsonl(12, seed: 1), "one"), seed: 7)),
            OneRowAStep(studio.Request(await studio.ImportAsync(TestRows.Jsonl(9, seed: 2), "two"), seed: 8)),
        ];
        var alone = new List<double[]>();
        foreach (var request in requests) alone.Add(studio.Series((await studio.RunAsync(request)).Record.Id));
        long sharedBefore = studio.Executor.Counters.SharedCalls;

        // Neither takes a step before both stand at the base.
        var both = new TaskCompletionSource();
        int present = 0;
        studio.Environment.Created = _ =>
        {
            if (Interlocked.Increment(ref present) == requests.Length) both.SetResult();
            return both.Task;
        };
        var started = await Task.WhenAll(requests.Select(request => studio.Runs.StartAsync(request)));
        foreach (var (view, expected) in started.Zip(alone))
        {
            Assert.Equal(RunState.Finished, (await studio.WhenEndedAsync(view.Record.Id)).Record.State);
            AssertSame(expected, studio.Series(view.Record.Id));
        }

        long shared = studio.Executor.Counters.SharedCalls - sharedBefore;
        if (policy == BatchingPolicy.None) Assert.Equal(0, shared);
        if (policy == BatchingPolicy.Lockstep) Assert.True(shared > 0, "The two runs never shared a base call.");
    }

    [Fact]
    public async Task StartAsync_BaseInPartsAndRunElsewhere_LosesAsInOnePlace()
    {
        double[] expected, found;
        await using (var studio = await OpenAsync())
            expected = studio.Series((await studio.RunAsync(studio.Request(await studio.ImportAsync(TestRows.Jsonl(12, seed: 1))))).Record.Id);
        var placement = new DevicePlacement([StandIns.Device(1), StandIns.Device(2)], StandIns.Device(3));
        await using (var studio = await TestStudio.OpenAsync(Root, placement: placement))
        {
            Assert.Equal(2, studio.Models.Get(studio.ModelId).Base.Plan.Shards.Count);
            var run = await studio.RunAsync(studio.Request(await studio.ImportAsync(TestRows.Jsonl(12, seed: 1))));
            Assert.Equal(RunState.Finished, run.Record.State);
            found = studio.Series(run.Record.Id);
        }
        AssertSame(expected, found);
    }

    // Few rows a call: those of many rows would not meet others.
    private static RunRequest OneRowAStep(RunRequest request) => request with { Training = request.Training with { BatchSize = 1, MaxSteps = 12 } };
}

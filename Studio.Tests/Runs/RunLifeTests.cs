using Studio.Core;
using Studio.Core.Runs;
using Studio.Core.Storage;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;
using Studio.Core.Training;
using Studio.Tests.Support;

namespace Studio.Tests.Runs;

public sealed class RunLifeTests : RunTest
{
    private static readonly RunManagerOptions EveryStep = new() { SaveEverySteps = 1 };
    private static readonly RunManagerOptions Rarely = new() { SaveEverySteps = 1_000_000, SaveInterval = TimeSpan.FromDays(1) };

    [Fact]
    public async Task StartAsync_SoundRequest_TrainsToTheEndAndTellsAll()
    {
        await using var studio = await OpenAsync(EveryStep);
        var request = studio.Request(await studio.ImportAsync(TestRows.Jsonl(20)), steps: 8);
        request = request with { Training = request.Training with { EvalEverySteps = 4, WarmupRatio = 0.25 } };
        var forecast = await studio.Runs.ForecastAsync(request);
        var events = new List<string>();
        studio.Runs.StateChanged += events.Add;
        float[] last = [];
        studio.Environment.Saved = (_, instance) => last = instance.Adapter.Parameters.Values.ToFloatArray();

        var record = (await studio.RunAsync(request)).Record;

        Assert.Equal((RunState.Finished, null, ""), (record.State, record.Error, record.StateReason));
        Assert.Equal("rows", record.Name);
        Assert.Equal((8, 8, 8L), (record.Step, record.TotalSteps, record.SavedStep));
        Assert.True(record.CreatedAt <= record.StartedAt && record.StartedAt <= record.EndedAt);
        Assert.Equal(8 / 9.0, record.Epoch, 1e-9); // 18 rows to train on, two a step
        double[] losses = studio.Series(record.Id), heldOut = studio.Series(record.Id, RunSeries.EvalLoss);
        Assert.Equal((8, 3), (losses.Length, heldOut.Length)); // before the first step, after the fourth, after the last
        Assert.Equal((losses[^1], heldOut[^1], heldOut.Min()), (record.LastLoss, record.LastEvalLoss, record.BestEvalLoss));
        Assert.True(heldOut[^1] < heldOut[0]);
        double[] rates = studio.Series(record.Id, RunSeries.LearningRate);
        Assert.Equal([0, 0.0025, 0.005], rates.Take(3));
        Assert.All(studio.Series(record.Id, RunSeries.GradientNorm), norm => Assert.True(norm > 0));
        Assert.Equal(record.TokensSeen, studio.Metrics.Latest(new(record.Id, RunSeries.Loss))!.Value.Tokens);

        Assert.Equal(record, await studio.Database.Runs.GetAsync(record.Id));
        Assert.Equal(["Running.", "Finished."], new[] { studio.Lines(record.Id)[0], studio.Lines(record.Id)[^1] });
        Assert.Contains(studio.Lines(record.Id), line => line.StartsWith("18 samples to train on, 2 held out; 8 steps; ", StringComparison.Ordinal));
        Assert.Equal(studio.Lines(record.Id), (await studio.Database.RunLog.ReadAsync(record.Id)).Select(line => line.Text));
        Assert.Equal([record.Id, record.Id, record.Id], events); // queued, running, finished
        Assert.Equal(last, studio.StoredValues(record.AdapterId));
        Assert.Equal((8, forecast.TrainableParameters), (forecast.TotalSteps, (long)last.Length));
        Assert.Equal((record.Id, record.DatasetId), ((await studio.Adapters.GetAsync(record.AdapterId)) is var adapter ? (adapter.RunId, adapter.DatasetId) : default));
        Assert.Empty(studio.Services.Clients.Clients);
        Assert.DoesNotContain(studio.Executor.Counters.Clients, client => client.Name == record.Name);
        Assert.Equal(0, studio.Runs.Find(record.Id)!.HeldBytes);
    }

    [Fact]
    public async Task StartAsync_MoreRunsThanSeats_WaitTheirTurn()
    {
        await using var studio = await OpenAsync(new RunManagerOptions { MaximumActive = 1 });
        string rows = await studio.ImportAsync(TestRows.Jsonl(8));
        var go = new TaskCompletionSource();
        studio.Environment.Created = _ => go.Task;
        var first = await studio.Runs.StartAsync(studio.Request(rows, steps: 2));
        await studio.WhenAsync(first.Record.Id, run => run.Record.State == RunState.Running);
        var second = await studio.Runs.StartAsync(studio.Request(rows, steps: 2));
        Assert.Equal("rows 2", second.Record.Name);
        await studio.Runs.PauseAsync(second.Record.Id);
        Assert.Equal(RunState.Paused, studio.Runs.Find(second.Record.Id)!.Record.State);
        await studio.Runs.ResumeAsync(second.Record.Id);
        Assert.Equal(RunState.Queued, studio.Runs.Find(second.Record.Id)!.Record.State);
        Assert.Equal([second.Record.Id, first.Record.Id], studio.Runs.Runs.Select(run => run.Record.Id));

        go.SetResult();

        var (firstEnd, secondEnd) = (await studio.WhenEndedAsync(first.Record.Id), await studio.WhenEndedAsync(second.Record.Id));
        Assert.Equal((RunState.Finished, RunState.Finished), (firstEnd.Record.State, secondEnd.Record.State));
        Assert.True(firstEnd.Record.EndedAt <= secondEnd.Record.StartedAt, $"The second began at {secondEnd.Record.StartedAt:O}, the first ended at {firstEnd.Record.EndedAt:O}.");
    }

    [Fact]
    public async Task PauseAsync_ThenResumeAsync_LosesAsWithoutAPause()
    {
        await using var studio = await OpenAsync(EveryStep with { MaximumActive = 1 });
        string rows = await studio.ImportAsync(TestRows.Jsonl(11));
        var unpaused = await studio.RunAsync(studio.Request(rows));

        Task pause = Task.CompletedTask;
        studio.Environment.Saving = (adapter, save) =>
        {
            if (save == 3) pause = studio.Runs.PauseAsync(adapter.RunId);
            return Task.CompletedTask;
        };
        var run = await studio.Runs.StartAsync(studio.Request(rows));
        var held = await studio.WhenAsync(run.Record.Id, view => view.Record.State == RunState.Paused);
        await pause;
        Assert.Equal((3, 3L, null), (held.Record.Step, held.Record.SavedStep, held.Remaining));
        Assert.Equal(RunState.Paused, (await studio.Database.Runs.GetAsync(run.Record.Id))!.State);

        // It has given up its seat, the only one.
        studio.Environment.Saving = (_, _) => Task.CompletedTask;
        Assert.Equal(RunState.Finished, (await studio.RunAsync(studio.Request(rows, steps: 2, seed: 5))).Record.State);
        Assert.Equal(3, studio.Series(run.Record.Id).Length);

        await studio.Runs.ResumeAsync(run.Record.Id);
        var end = await studio.WhenEndedAsync(run.Record.Id);
        Assert.Equal(RunState.Finished, end.Record.State);
        Assert.Equal(6, studio.Series(run.Record.Id).Length);
        AssertSame(studio.Series(unpaused.Record.Id), studio.Series(run.Record.Id));
    }

    [Fact]
    public async Task PauseNowAsync_InSteps_AbandonsThemAndLosesAsWithoutAPause()
    {
        await using var studio = await OpenAsync(Rarely);
        string rows = await studio.ImportAsync(TestRows.Jsonl(11));
        var request = studio.Request(rows, steps: 60);
        request = request with { Training = request.Training with { GradientAccumulation = 2 } };
        var unpaused = (await studio.RunAsync(request)).Record;

        var run = (await studio.Runs.StartAsync(request)).Record;
        while (studio.Lines(run.Id).Count(line => line.EndsWith(" was abandoned; it is repeated after the pause.", StringComparison.Ordinal)) < 4)
        {
            TestThread.Await("a step is in flight", () => studio.Services.Memory.Snapshot().Entries.Any(entry => entry is { Category: MemoryCategory.Activations, Bytes: > 0 }));
            Task atTheBoundary = studio.Runs.PauseAsync(run.Id), now = studio.Runs.PauseNowAsync(run.Id);
            await Task.WhenAll(atTheBoundary, now);
            var held = studio.Runs.Find(run.Id)!.Record;
            Assert.Equal((RunState.Paused, (long)studio.Series(run.Id).Length), (held.State, held.Step));
            await studio.Runs.ResumeAsync(run.Id);
        }

        var end = (await studio.WhenEndedAsync(run.Id)).Record;
        Assert.Equal((RunState.Finished, unpaused.TokensSeen), (end.State, end.TokensSeen));
        AssertSame(studio.Series(unpaused.Id), studio.Series(run.Id));
    }

    [Fact]
    public async Task StopAsync_InTraining_EndsAtAStepAndSavesTheAdapter()
    {
        await using var studio = await OpenAsync(Rarely);
        float[] saved = [];
        studio.Environment.Saved = (_, instance) => saved = instance.Adapter.Parameters.Values.ToFloatArray();
        string rows = await studio.ImportAsync(TestRows.Jsonl(8));
        var run = await studio.Runs.StartAsync(studio.Request(rows, steps: 100_000));
        var stopped = new TaskCompletionSource();
        using (studio.Log.Changes.Subscribe(run.Record.Id, async () =>
        {
            if (studio.Series(run.Record.Id).Length < 2 || !stopped.TrySetResult()) return;
            await studio.Runs.StopAsync(run.Record.Id);
        }, TimeSpan.Zero))
        {
            var end = (await studio.WhenEndedAsync(run.Record.Id)).Record;
            Assert.Equal((RunState.Stopped, "Stopped by the user."), (end.State, end.StateReason));
            Assert.InRange(end.Step, 2, 99_999);
            Assert.Equal(end.Step, end.SavedStep);
            Assert.Equal(end.Step, studio.Metrics.Latest(new(end.Id, RunSeries.Loss))!.Value.Step);
            Assert.Equal(saved, studio.StoredValues(end.AdapterId));
        }
        var refusal = await Assert.ThrowsAsync<StudioException>(() => studio.Runs.StopAsync(run.Record.Id));
        Assert.Contains("has ended (Stopped)", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StudioException>(() => studio.Runs.ResumeAsync(run.Record.Id));
    }

    [Fact]
    public async Task DeleteAsync_OnlyAfterTheEnd_TakesTheSeriesAndLeavesTheAdapter()
    {
        await using var studio = await OpenAsync();
        TaskCompletionSource go = new(), created = new();
        studio.Environment.Created = _ =>
        {
            created.SetResult();
            return go.Task;
        };
        var run = await studio.Runs.StartAsync(studio.Request(await studio.ImportAsync(TestRows.Jsonl(8)), steps: 2));
        await created.Task;
        var refusal = await Assert.ThrowsAsync<StudioException>(() => studio.Runs.DeleteAsync(run.Record.Id));
        Assert.Contains("is Running; stop it before deleting it", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StudioException>(() => studio.Adapters.DeleteAsync(run.Record.AdapterId));
        go.SetResult();
        var end = await studio.WhenEndedAsync(run.Record.Id);
        await studio.Services.MetricFiles.FlushAsync();
        Assert.NotEmpty(await studio.Services.MetricFiles.LoadAsync(end.Record.Id));

        var gone = new List<string>();
        studio.Runs.StateChanged += gone.Add;
        await studio.Runs.DeleteAsync(end.Record.Id);

        Assert.Null(studio.Runs.Find(end.Record.Id));
        Assert.Equal([end.Record.Id], gone);
        Assert.Null(await studio.Database.Runs.GetAsync(end.Record.Id));
        Assert.Empty(await studio.Database.RunLog.ReadAsync(end.Record.Id));
        Assert.Empty(await studio.Services.MetricFiles.LoadAsync(end.Record.Id));
        Assert.Empty(studio.Series(end.Record.Id));
        Assert.NotEmpty(studio.StoredValues(end.Record.AdapterId));
        await Assert.ThrowsAsync<NotFoundException>(() => studio.Runs.DeleteAsync(end.Record.Id));
        await studio.Adapters.DeleteAsync(end.Record.AdapterId);
        Assert.False(Path.Exists(studio.Directory.AdapterPath(end.Record.AdapterId)));
    }

    [Fact]
    public async Task DisposeAsync_InTraining_EndsTheRunWithItsAdapterSaved()
    {
        RunRecord run;
        await using (var studio = await OpenAsync(Rarely))
        {
            run = (await studio.Runs.StartAsync(studio.Request(await studio.ImportAsync(TestRows.Jsonl(8)), steps: 100_000))).Record;
            await studio.WhenAsync(run.Id, view => view.Record.State == RunState.Running);
        }
        await using var next = await OpenAsync();
        var found = next.Runs.Find(run.Id)!.Record;
        Assert.Equal((RunState.Stopped, "The studio was closed."), (found.State, found.StateReason));
        if (found.SavedStep is not null) Assert.Equal(found.Step, found.SavedStep);
    }

    [Fact]
    public async Task StateChanged_AListenerFails_TheRunAndTheOthersGoOn()
    {
        await using var studio = await OpenAsync();
        var heard = new List<string>();
        studio.Runs.StateChanged += _ => throw new InvalidOperationException("a page that failed");
        studio.Runs.StateChanged += heard.Add;
        var end = await studio.RunAsync(studio.Request(await studio.ImportAsync(TestRows.Jsonl(8)), steps: 1));
        Assert.Equal(RunState.Finished, end.Record.State);
        Assert.Equal(3, heard.Count);
    }
}

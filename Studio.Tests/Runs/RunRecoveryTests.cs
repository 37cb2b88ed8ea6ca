using Microsoft.Extensions.Logging.Abstractions;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Storage;

namespace Studio.Tests.Runs;

public sealed class RunRecoveryTests : RunTest
{
    [Theory]
    [InlineData(RunState.Queued, null, "The studio was closed while this run was queued, before its first step.")]
    [InlineData(RunState.Running, 4L, "The studio was closed while this run was running, at step 5; its adapter holds the state of step 4.")]
    [InlineData(RunState.Paused, 5L, "The studio was closed while this run was paused, at step 5; its adapter holds the state of step 5.")]
    public async Task OpenAsync_UnfinishedRun_IsStoppedAndSaysWhere(RunState left, long? saved, string reason)
    {
        RunRecord ended;
        float[] values;
        await using (var studio = await OpenAsync())
        {
            ended = (await studio.RunAsync(studio.Request(await studio.ImportAsync(TestRows.Jsonl(8))))).Record;
            values = studio.StoredValues(ended.AdapterId);
            // What a killed process leaves of a run in that state.
            await studio.Database.Runs.UpsertAsync(ended with { Id = "killed", State = left, EndedAt = null, Step = saved is null ? 0 : 5, SavedStep = saved });
        }

        await using var next = await OpenAsync();
        var found = next.Runs.Find("killed")!.Record;
        Assert.Equal((RunState.Stopped, reason), (found.State, found.StateReason));
        Assert.NotNull(found.EndedAt);
        Assert.Equal(found, await next.Database.Runs.GetAsync("killed"));
        await next.Runs.RestoreTelemetryAsync("killed");
        Assert.Equal(reason, next.Lines("killed")[^1]);
        Assert.Equal(values, next.StoredValues(found.AdapterId));
        Assert.Equal(ended, next.Runs.Find(ended.Id)!.Record); // a run that had ended is as it was
        await next.Runs.RestoreTelemetryAsync(ended.Id);
        Assert.Equal(6, next.Series(ended.Id).Length);
    }

    [Fact]
    public async Task OpenAsync_SettingsOfBeforeActivationCheckpointing_HaveItOff()
    {
        RunView run;
        await using (var studio = await OpenAsync())
        {
            run = await studio.RunAsync(studio.Request(await studio.ImportAsync(TestRows.Jsonl(8)), steps: 1));
            string settings = run.Record.Settings, before = settings.Replace("\"ActivationCheckpointing\":false,", "", StringComparison.Ordinal);
            Assert.NotEqual(settings, before);
            await studio.Database.Runs.UpsertAsync(run.Record with { Id = "older", Settings = before });
        }

        await using var next = await OpenAsync();
        Assert.Equal(run.Request.Training, next.Runs.Find("older")!.Request.Training);
    }

    [Fact]
    public async Task StartAsync_SecondEngineOnTheSameDirectory_IsRefusedByName()
    {
        string data = Path.Combine(Root, "shared");
        var options = new StudioEngineOptions { DataDirectory = data, Device = "cpu" };
        await using (await StudioEngine.StartAsync(options, NullLoggerFactory.Instance))
        {
            var refusal = await Assert.ThrowsAsync<StorageException>(() => StudioEngine.StartAsync(options, NullLoggerFactory.Instance));
            Assert.Equal(
                $"The data directory {data} is in use by the process with id {Environment.ProcessId}. Stop that process, or start this one with another data directory.",
                refusal.Message);
        }
        await (await StudioEngine.StartAsync(options, NullLoggerFactory.Instance)).DisposeAsync();
    }

    [Fact]
    public async Task OpenAsync_LeftoversOfInterruptedWrites_AreRemoved()
    {
        string adapter;
        float[] values;
        await using (var studio = await OpenAsync())
        {
            var run = (await studio.RunAsync(studio.Request(await studio.ImportAsync(TestRows.Jsonl(8))))).Record;
            adapter = run.AdapterId;
            values = studio.StoredValues(adapter);
        }
        string adapters = Path.Combine(Root, "data", "adapters"), guid = Guid.NewGuid().ToString("N");
        // Killed between the two renames of a save: the old files stand aside, the new ones are not there yet.
        Directory.Move(Path.Combine(adapters, adapter), Path.Combine(adapters, $".{adapter}.old-{guid}"));
        Directory.CreateDirectory(Path.Combine(adapters, $".{adapter}.tmp-{guid}"));
        File.WriteAllText(Path.Combine(adapters, $".{adapter}.tmp-{guid}", "adapter_model.safetensors"), "half");

        await using var next = await OpenAsync();
        Assert.Equal(2, next.Directory.Repairs.Count);
        Assert.Equal([adapter], Directory.EnumerateFileSystemEntries(adapters).Select(Path.GetFileName));
        Assert.Equal(values, next.StoredValues(adapter));
    }
}

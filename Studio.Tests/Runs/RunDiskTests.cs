using Studio.Core.Runs;
using Studio.Core.Storage;
using Studio.Core.Tensors;

namespace Studio.Tests.Runs;

/// <summary>A disk that refuses a save.</summary>
public sealed class RunDiskTests : RunTest
{
    private static readonly RunManagerOptions EveryStep = new() { SaveEverySteps = 1 };

    [Fact]
    public async Task Run_DiskFullWhileSaving_PausesKeepsTheLastFilesAndGoesOnAfterwards()
    {
        await using var studio = await OpenAsync(EveryStep);
        string rows = await studio.ImportAsync(TestRows.Jsonl(9));
        double[] undisturbed = studio.Series((await studio.RunAsync(studio.Request(rows))).Record.Id);

        var full = true;
        var values = new List<float[]>();
        studio.Environment.Saving = (_, save) => full && save > 2 ? throw new IOException("No space left on device") : Task.CompletedTask;
        studio.Environment.Saved = (_, instance) => values.Add(instance.Adapter.Parameters.Values.ToFloatArray());
        var run = await studio.Runs.StartAsync(studio.Request(rows));
        var held = (await studio.WhenAsync(run.Record.Id, view => view.Record.State == RunState.Paused)).Record;
        Assert.Equal("The adapter could not be saved: No space left on device Make room and resume; nothing is lost.", held.StateReason);
        Assert.Equal((3, 2L), (held.Step, held.SavedStep));
        Assert.Equal(values[1], studio.StoredValues(held.AdapterId));

        // Still full: it tries, and holds again.
        await studio.Runs.ResumeAsync(held.Id);
        await studio.WhenAsync(held.Id, view => view.Record.State == RunState.Paused);

        full = false;
        await studio.Runs.ResumeAsync(held.Id);
        var end = (await studio.WhenEndedAsync(held.Id)).Record;
        Assert.Equal((RunState.Finished, 6L), (end.State, end.SavedStep));
        AssertSame(undisturbed, studio.Series(end.Id));
        Assert.Equal(values[^1], studio.StoredValues(end.AdapterId));
    }

    [Fact]
    public async Task Run_TheFolderOfAdaptersRefuses_LeavesTheOldFilesAndNothingHalfWritten()
    {
        await using var studio = await OpenAsync(EveryStep);
        string rows = await studio.ImportAsync(TestRows.Jsonl(9));
        string adapters = Path.GetDirectoryName(studio.Directory.AdapterPath("x"))!, away = adapters + "-away";
        float[] last = [];
        studio.Environment.Saved = (_, instance) => last = instance.Adapter.Parameters.Values.ToFloatArray();
        studio.Environment.Saving = (_, save) =>
        {
            if (save != 3) return Task.CompletedTask;
            Directory.Move(adapters, away); // whoever runs the tests may write anywhere; nobody can write below a file
            return File.WriteAllTextAsync(adapters, "not a folder");
        };
        var run = await studio.Runs.StartAsync(studio.Request(rows));
        var held = (await studio.WhenAsync(run.Record.Id, view => view.Record.State == RunState.Paused)).Record;
        Assert.Contains(adapters, held.StateReason, StringComparison.Ordinal);
        File.Delete(adapters);
        Directory.Move(away, adapters);
        Assert.Equal(last, studio.StoredValues(held.AdapterId));
        Assert.Equal([held.AdapterId], Directory.EnumerateFileSystemEntries(adapters).Select(Path.GetFileName));

        await studio.Runs.ResumeAsync(held.Id);
        var end = (await studio.WhenEndedAsync(held.Id)).Record;
        Assert.Equal((RunState.Finished, 6L), (end.State, end.SavedStep));
        Assert.Equal(last, studio.StoredValues(end.AdapterId));
    }

    [Fact]
    public async Task StopAsync_DiskFull_SaysWhichStepTheFilesHold()
    {
        await using var studio = await OpenAsync(EveryStep);
        studio.Environment.Saving = (_, save) => save > 2 ? throw new IOException("No space left on device.") : Task.CompletedTask;
        var run = await studio.Runs.StartAsync(studio.Request(await studio.ImportAsync(TestRows.Jsonl(9))));
        await studio.WhenAsync(run.Record.Id, view => view.Record.State == RunState.Paused);
        await studio.Runs.StopAsync(run.Record.Id);
        var end = (await studio.WhenEndedAsync(run.Record.Id)).Record;
        Assert.Equal((RunState.Stopped, 3, 2L), (end.State, end.Step, end.SavedStep));
        Assert.Equal("Stopped by the user. The adapter could not be saved: No space left on device. Its files hold the state of step 2.", end.StateReason);
    }
}

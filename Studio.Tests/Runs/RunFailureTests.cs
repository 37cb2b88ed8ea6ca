using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Runs;
using Studio.Core.Storage;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Tests.Runs;

/// <summary>A run that fails says why, keeps what was saved, and touches no other.</summary>
public sealed class RunFailureTests : RunTest
{
    [Fact]
    public async Task Run_NoRowHasAnAnswerWithinTheLength_FailsAndSaysSo()
    {
        await using var studio = await OpenAsync();
        string rows = await studio.ImportAsync(string.Concat(Enumerable.Repeat(TestRows.Line(string.Join(' ', TestRows.Words), "red"), 4).Select(line => line + "\n")), "long");
        var request = studio.Request(rows);
        var failed = await FailsBesideAHealthyRunAsync(studio, request with { Training = request.Training with { MaxLength = 8 } });
        Assert.Equal(
            "Of 4 rows, 0 have a token to train on within the largest length of 8 tokens; a run needs at least 2. " +
            "Raise the largest length, or check that the rows end with an answer of the assistant.", failed.Error);
        Assert.Null(await studio.Database.Adapters.GetAsync(failed.AdapterId));
    }

    [Fact]
    public async Task Run_ItsFileVanished_FailsAndNamesTheFile()
    {
        await using var studio = await OpenAsync();
        string rows = await studio.ImportAsync(TestRows.Jsonl(8), "vanishing");
        var request = studio.Request(rows);
        Directory.Delete(studio.Directory.DatasetPath(rows), recursive: true);
        var failed = await FailsBesideAHealthyRunAsync(studio, request);
        Assert.Contains(Path.Combine(studio.Directory.DatasetPath(rows), "rows.jsonl"), failed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_LossIsNotANumber_FailsAndKeepsTheLastSoundAdapter()
    {
        await using var studio = await OpenAsync(new RunManagerOptions { SaveEverySteps = 1_000_000 });
        string rows = await studio.ImportAsync(TestRows.Jsonl(8), "wild");
        var request = studio.Request(rows, steps: 1_000_000);
        var spoiled = SpoilAsync(studio, rows);
        var failed = await FailsBesideAHealthyRunAsync(studio, request);
        await spoiled;
        Assert.Matches(@"^The loss of step \d+ is NaN: the training has diverged\. Lower the learning rate \(0\.005\)\.$", failed.Error);
        Assert.Contains($"Its adapter keeps the state of step {failed.SavedStep}", failed.StateReason, StringComparison.Ordinal);
        Assert.All(studio.StoredValues(failed.AdapterId), value => Assert.True(float.IsFinite(value)));
        Assert.True(failed.SavedStep < failed.Step, "The values of the last step were saved, which gave a loss that is no number.");
    }

    [Fact]
    public async Task Run_AdapterCannotBeCreated_FailsAndLeavesNothing()
    {
        await using var studio = await OpenAsync();
        string rows = await studio.ImportAsync(TestRows.Jsonl(8), "unlucky");
        string wanted = studio.Directory.AdapterPath("x")[..^2], away = wanted + "-away";
        Directory.Move(wanted, away);
        await File.WriteAllTextAsync(wanted, "not a folder", TestContext.Current.CancellationToken);
        var failed = (await studio.RunAsync(studio.Request(rows))).Record;
        Assert.Equal(RunState.Failed, failed.State);
        Assert.Contains(wanted, failed.Error, StringComparison.Ordinal);
        Assert.Null(await studio.Database.Adapters.GetAsync(failed.AdapterId));

        File.Delete(wanted);
        Directory.Move(away, wanted);
        Assert.Equal(RunState.Finished, (await studio.RunAsync(studio.Request(rows))).Record.State);
    }

    // As a learning rate that is too high does, but surely: values that are no numbers after some steps.
    private static async Task SpoilAsync(TestStudio studio, string datasetId)
    {
        RunRecord? run;
        while ((run = studio.Runs.Runs.Select(view => view.Record).FirstOrDefault(record => record.DatasetId == datasetId)) is not { Step: >= 3 }) await Task.Delay(1);
        await studio.Runs.PauseAsync(run.Id);
        await using var lease = await studio.Pool.AcquireAsync(run.AdapterId);
        await studio.Lanes.RunAsync(LanePriority.Interactive, () =>
        {
            using var hold = lease.Instance.Write();
            using var grad = no_grad();
            lease.Instance.Adapter.Parameters.Values.fill_(float.NaN);
        });
        await studio.Runs.ResumeAsync(run.Id);
    }

    /// <summary>Runs a request that fails at the same time as one that does not.</summary>
    private static async Task<RunRecord> FailsBesideAHealthyRunAsync(TestStudio studio, RunRequest request)
    {
        var healthy = studio.Request(await studio.ImportAsync(TestRows.Jsonl(10, seed: 9), "healthy"));
        double[] alone = studio.Series((await studio.RunAsync(healthy)).Record.Id);
        var beside = await studio.Runs.StartAsync(healthy);
        var failed = (await studio.RunAsync(request)).Record;
        var other = (await studio.WhenEndedAsync(beside.Record.Id)).Record;

        Assert.Equal(RunState.Finished, other.State);
        AssertSame(alone, studio.Series(other.Id));
        Assert.Equal(RunState.Failed, failed.State);
        Assert.StartsWith(failed.Error!, failed.StateReason, StringComparison.Ordinal);
        Assert.NotNull(failed.EndedAt);
        Assert.Equal(failed, await studio.Database.Runs.GetAsync(failed.Id));
        Assert.Contains(studio.Lines(failed.Id), line => line == $"Failed: {failed.StateReason}");
        Assert.Empty(studio.Services.Clients.Clients);
        Assert.Equal(RunState.Finished, (await studio.RunAsync(healthy)).Record.State); // its seat is free again
        return failed;
    }
}

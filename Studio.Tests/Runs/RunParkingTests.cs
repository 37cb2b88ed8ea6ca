using Studio.Core.Runs;
using Studio.Core.Storage;
using Studio.Core.Tensors;

namespace Studio.Tests.Runs;

/// <summary>Runs whose state lies in files between steps.</summary>
public sealed class RunParkingTests : RunTest
{
    [Fact]
    public async Task Run_ParkedBetweenSteps_LosesAsInMemoryAndLeavesNoFile()
    {
        double[] expected;
        long parameters;
        RunRequest request;
        await using (var studio = await OpenAsync())
        {
            request = studio.Request(await studio.ImportAsync(TestRows.Jsonl(11)));
            var inMemory = await studio.RunAsync(request);
            (expected, parameters) = (studio.Series(inMemory.Record.Id), (await studio.Runs.ForecastAsync(request)).TrainableParameters);
            Assert.Empty(StateFiles);
        }

        await using var parking = await TestStudio.OpenAsync(Root, new RunManagerOptions { SaveEverySteps = 1 }, parks: true);
        long most = 0;
        parking.Environment.Saving = (_, _) =>
        {
            most = Math.Max(most, StateFiles.Sum(path => new FileInfo(path).Length));
            return Task.CompletedTask;
        };
        var run = await parking.RunAsync(request with { ModelId = parking.ModelId });
        Assert.Equal((RunState.Finished, null), (run.Record.State, run.Record.Error));
        AssertSame(expected, parking.Series(run.Record.Id));
        Assert.Equal(12 * parameters, most);
        Assert.Empty(StateFiles);
    }

    [Fact]
    public async Task Run_NoPlaceForItsMoments_FailsWithTheCauseAndKeepsItsAdapter()
    {
        await using var studio = await TestStudio.OpenAsync(Root, parks: true);
        string folder = Path.Combine(Root, "data", "parked");
        studio.Environment.Created = _ =>
        {
            Directory.Move(folder, folder + "-away");
            return Task.CompletedTask;
        };
        var failed = (await studio.RunAsync(studio.Request(await studio.ImportAsync(TestRows.Jsonl(8))))).Record;
        Assert.Equal(RunState.Failed, failed.State);
        Assert.Contains($"cannot be kept in '{folder}", failed.Error, StringComparison.Ordinal);
        Assert.Equal(0, failed.Step);
        Assert.NotEmpty(studio.StoredValues(failed.AdapterId));
    }

    [Fact]
    public async Task OpenAsync_StateFilesOfAKilledProcess_AreRemoved()
    {
        string left;
        using (var directory = new DataDirectory(Path.Combine(Root, "data"))) left = directory.NewStateFile();
        new FileTensor(left, 10, TorchSharp.torch.ScalarType.Float32).Values.Dispose(); // unmapped by the end of its process, not deleted
        Assert.Equal([left], StateFiles);
        await using var studio = await OpenAsync();
        Assert.Empty(StateFiles);
        Assert.Contains(studio.Directory.Repairs, repair => repair.Contains(left, StringComparison.Ordinal));
    }

    private string[] StateFiles => Directory.GetFiles(Path.Combine(Root, "data", "parked"));
}

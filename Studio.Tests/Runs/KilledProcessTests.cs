using Studio.Core.Storage;

namespace Studio.Tests.Runs;

/// <summary>A process that dies while it trains and saves: what the next one finds.</summary>
public sealed class KilledProcessTests : RunTest
{
    private const int Kills = 10;

    [Fact]
    public async Task NextStart_AfterKillsAtRandomMoments_FindsWholeAdaptersAndStoppedRuns()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Kills by SIGKILL, which this system does not have.");
        TinyModelFolder.Write(Path.Combine(Root, "model"));
        var adapters = new Dictionary<string, string>(); // id and hash of the values
        for (int seed = 1; seed <= Kills; seed++)
        {
            var said = await LiveAndDieAsync(seed);
            string[] saving = After(said, TrainingProcess.Saving), saved = After(said, TrainingProcess.Saved);
            string run = Assert.Single(After(said, TrainingProcess.RunId)), adapter = Assert.Single(After(said, TrainingProcess.Adapter));
            Assert.InRange(saving.Length - saved.Length, 0, 1);

            await using var studio = await OpenAsync();
            string found = TrainingProcess.Hash(studio.StoredValues(adapter));
            Assert.True(found == saved[^1] || found == saving[^1], $"Kill {seed}: the adapter's files hold neither the last state that was saved nor the one that was being saved.");
            adapters.Add(adapter, found);
            var record = studio.Runs.Find(run)!.Record;
            Assert.Equal(RunState.Stopped, record.State);
            Assert.StartsWith("The studio was closed while this run was running, at step ", record.StateReason, StringComparison.Ordinal);
            Assert.InRange(record.SavedStep!.Value, saved.Length - 1, saving.Length);
            Assert.Equal(seed, studio.Runs.Runs.Count);

            // Whatever lay half-written is gone, and what earlier processes left is as it was.
            string folder = Path.GetDirectoryName(studio.Directory.AdapterPath(adapter))!;
            Assert.Equal(adapters.Keys.Order(StringComparer.Ordinal), Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal));
            Assert.Equal(adapters.Keys.Order(StringComparer.Ordinal), (await studio.Adapters.ListAsync()).Select(known => known.Id).Order(StringComparer.Ordinal));
            foreach (var (id, hash) in adapters) Assert.Equal(hash, TrainingProcess.Hash(studio.StoredValues(id)));
        }
    }

    private async Task<string[]> LiveAndDieAsync(int seed)
    {
        using var process = TrainingProcess.Start(Root, seed);
        string said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 128 + 9, $"The process ended with {process.ExitCode} instead of being killed. It said:\n{said}");
        return said.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string[] After(string[] lines, string start) => [.. lines.Where(line => line.StartsWith(start, StringComparison.Ordinal)).Select(line => line[start.Length..])];
}

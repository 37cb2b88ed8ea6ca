using Microsoft.Extensions.Logging;
using Studio.Core.Storage;

namespace Studio.Tests.Storage;

public sealed class RunLogRepositoryTests : IAsyncLifetime
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private readonly TestDirectory folder = new();
    private DataDirectory directory = null!;
    private StudioDatabase database = null!;

    public async ValueTask InitializeAsync()
    {
        directory = new DataDirectory(folder.Root);
        database = await StudioDatabase.OpenAsync(directory, cancellation: Cancellation);
        await database.Runs.UpsertAsync(TestRecords.Run(), Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        directory.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Read_AfterIndex_ReturnsWhatIsNewInOrder()
    {
        for (var i = 0; i < 12; i++)
        {
            await AppendAsync($" line {i}\n");
        }

        var lines = await database.RunLog.ReadAsync("run", afterIndex: 8, Cancellation);

        Assert.Equal([" line 9\n", " line 10\n", " line 11\n"], lines.Select(l => l.Text));
        Assert.Equal([9, 10, 11], lines.Select(l => l.Index));
        Assert.Equal((LogLevel.Warning, TestRecords.Moment), (lines[0].Level, lines[0].Time));
    }

    [Fact]
    public async Task Append_BeyondTheBound_DropsTheOldest()
    {
        RunLogLine[] many = [.. Enumerable.Range(0, RunLogRepository.MaxLines - 1).Select(i => new RunLogLine(TestRecords.Moment, LogLevel.Debug, $"{i}"))];
        await database.RunLog.AppendAsync("run", many, Cancellation);
        await database.RunLog.AppendAsync("run", many[..501], Cancellation);

        var lines = await database.RunLog.ReadAsync("run", cancellation: Cancellation);
        Assert.Equal(RunLogRepository.MaxLines, lines.Count);
        Assert.Equal(RunLogRepository.MaxLines + 499, lines[^1].Index);
        Assert.Equal(500, lines[0].Index);
    }

    [Fact]
    public async Task Append_RunThatWasDeleted_IsDropped()
    {
        await database.Runs.DeleteAsync("run", Cancellation);

        await AppendAsync("too late");

        Assert.Empty(await database.RunLog.ReadAsync("run", cancellation: Cancellation));
    }

    private Task AppendAsync(string text) => database.RunLog.AppendAsync("run", TestRecords.Moment, LogLevel.Warning, text, Cancellation);
}

using Studio.Core.Storage;

namespace Studio.Tests.Storage;

public sealed class AtomicFileTests : IDisposable
{
    private const int NoSpaceLeft = 28;
    private readonly TestDirectory folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Write_NewFile_LeavesItAndNothingElse()
    {
        AtomicFile.WriteText(folder.File("a.json"), "new");

        Assert.Equal("new", File.ReadAllText(folder.File("a.json")));
        Assert.Equal(["a.json"], folder.Entries);
    }

    [Fact]
    public void Write_DiskFullHalfway_KeepsTheOldContentAndCleansUp()
    {
        File.WriteAllText(folder.File("a.json"), "old");

        var error = Assert.Throws<IOException>(() => AtomicFile.Write(folder.File("a.json"), stream =>
        {
            stream.Write("half of the new con"u8);
            stream.Flush();
            throw new IOException("No space left on device", NoSpaceLeft);
        }));

        Assert.Equal(NoSpaceLeft, error.HResult);
        Assert.Equal("old", File.ReadAllText(folder.File("a.json")));
        Assert.Equal(["a.json"], folder.Entries);
    }

    [Fact]
    public async Task WriteAsync_Cancelled_KeepsTheOldContentAndCleansUp()
    {
        await File.WriteAllTextAsync(folder.File("a.json"), "old", TestContext.Current.CancellationToken);
        using var cancel = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AtomicFile.WriteAsync(
            folder.File("a.json"),
            async (stream, cancellation) =>
            {
                await stream.WriteAsync("new"u8.ToArray(), cancellation);
                await cancel.CancelAsync();
            },
            cancel.Token));

        Assert.Equal("old", await File.ReadAllTextAsync(folder.File("a.json"), TestContext.Current.CancellationToken));
        Assert.Equal(["a.json"], folder.Entries);
    }

    [Fact]
    public async Task WriteAsync_ExistingFile_ReplacesIt()
    {
        await File.WriteAllTextAsync(folder.File("a.json"), "old and longer", TestContext.Current.CancellationToken);

        await AtomicFile.WriteAsync(
            folder.File("a.json"), (stream, c) => stream.WriteAsync("new"u8.ToArray(), c).AsTask(), TestContext.Current.CancellationToken);

        Assert.Equal("new", await File.ReadAllTextAsync(folder.File("a.json"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Write_WhileRead_ShowsOnlyCompleteContents()
    {
        var path = folder.File("a.json");
        AtomicFile.WriteText(path, new string('0', 10_000));
        var writer = Task.Run(
            () =>
            {
                for (var i = 1; i <= 50; i++)
                {
                    AtomicFile.WriteText(path, new string((char)('0' + (i % 10)), 10_000));
                }
            },
            TestContext.Current.CancellationToken);

        while (!writer.IsCompleted)
        {
            var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(new string(text[0], 10_000), text);
        }

        await writer;
    }
}

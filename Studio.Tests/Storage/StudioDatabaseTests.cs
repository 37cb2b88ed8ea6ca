using Studio.Core.Storage;

namespace Studio.Tests.Storage;

public sealed class StudioDatabaseTests : IDisposable
{
    private const int PageSize = 8192;
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private readonly TestDirectory folder = new();
    private readonly DataDirectory directory;

    public StudioDatabaseTests() => directory = new DataDirectory(folder.Root);

    public void Dispose()
    {
        directory.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Upsert_Acknowledged_IsInTheDatabaseFileEvenIfTheProcessDiesNow()
    {
        using var elsewhere = new TestDirectory();
        using var survivor = new DataDirectory(elsewhere.Root);
        await using var database = await OpenAsync();

        await database.Runs.UpsertAsync(TestRecords.Run(), Cancellation);

        // The file without its log: what would be there if nothing else had reached the disk.
        CopyShared(directory.DatabasePath, survivor.DatabasePath);
        await using var reopened = await StudioDatabase.OpenAsync(survivor, cancellation: Cancellation);
        Assert.Equal(TestRecords.Run(), await reopened.Runs.GetAsync("run", Cancellation));
    }

    [Fact]
    public async Task Upsert_ManyAtOnce_AreAllThereAfterReopening()
    {
        await using (var database = await OpenAsync())
        {
            await Task.WhenAll(Enumerable.Range(0, 500).Select(i => database.Runs.UpsertAsync(TestRecords.Run($"run{i}"), Cancellation)));
        }

        await using var reopened = await OpenAsync();
        Assert.Equal(500, (await reopened.Runs.ListAsync(Cancellation)).Count);
    }

    [Fact]
    public async Task Dispose_WithWritesQueued_FinishesThem()
    {
        var database = await OpenAsync();
        var writes = Enumerable.Range(0, 50).Select(i => database.Runs.UpsertAsync(TestRecords.Run($"run{i}"), Cancellation)).ToList();

        await database.DisposeAsync();
        await Task.WhenAll(writes);

        await using var reopened = await OpenAsync();
        Assert.Equal(50, (await reopened.Runs.ListAsync(Cancellation)).Count);
    }

    [Fact]
    public async Task Open_LogTornByAKill_KeepsWhatWasAcknowledged()
    {
        await using (var database = await OpenAsync())
        {
            await database.Runs.UpsertAsync(TestRecords.Run(), Cancellation);
        }

        await File.WriteAllBytesAsync(folder.File("studio-log.db"), new byte[PageSize + 1234], Cancellation);

        await using var reopened = await OpenAsync();
        Assert.Equal(TestRecords.Run(), await reopened.Runs.GetAsync("run", Cancellation));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(PageSize + 100)]
    public async Task Open_TruncatedFile_IsRefusedAndNotTouched(int length)
    {
        await CreateWithARunAsync();
        var damaged = (await File.ReadAllBytesAsync(directory.DatabasePath, Cancellation))[..length];

        await AssertRefusedUntouchedAsync(damaged);
    }

    [Fact]
    public async Task Open_FileOfSomethingElse_IsRefusedAndNotTouched() =>
        await AssertRefusedUntouchedAsync([.. Enumerable.Repeat((byte)'x', 2 * PageSize)]);

    [Fact]
    public async Task Get_PagesOverwrittenWithGarbage_NamesTheFileAndWhatToDo()
    {
        await CreateWithARunAsync();
        var bytes = await File.ReadAllBytesAsync(directory.DatabasePath, Cancellation);
        Array.Fill(bytes, (byte)0xA5, PageSize, bytes.Length - PageSize);
        await File.WriteAllBytesAsync(directory.DatabasePath, bytes, Cancellation);

        var error = await Assert.ThrowsAsync<StorageException>(async () =>
        {
            await using var database = await OpenAsync();
            await database.Runs.ListAsync(Cancellation);
        });

        Assert.Contains(directory.DatabasePath, error.Message, StringComparison.Ordinal);
        Assert.Contains(directory.BackupsPath, error.Message, StringComparison.Ordinal);
        Assert.Equal(bytes[PageSize..], (await File.ReadAllBytesAsync(directory.DatabasePath, Cancellation))[PageSize..]);
    }

    [Fact]
    public async Task Open_LogWithoutItsDatabase_IsRefused()
    {
        await File.WriteAllBytesAsync(folder.File("studio-log.db"), new byte[PageSize], Cancellation);

        await Assert.ThrowsAsync<StorageException>(OpenAsync);

        Assert.False(File.Exists(directory.DatabasePath));
    }

    [Fact]
    public async Task Open_NewerSchema_IsRefusedAndNotTouched()
    {
        await using (await StudioDatabase.OpenAsync(directory, new StudioSchema(StudioSchema.Current.Version + 1), cancellation: Cancellation))
        {
        }

        var before = await File.ReadAllBytesAsync(directory.DatabasePath, Cancellation);
        var error = await Assert.ThrowsAsync<StorageException>(OpenAsync);

        Assert.Contains($"{StudioSchema.Current.Version + 1}", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(directory.DatabasePath, Cancellation));
    }

    [Fact]
    public async Task Open_DiskNearlyFull_RefusesWritesServesReadsAndRecovers()
    {
        var free = 1L << 40;
        await using var database = await StudioDatabase.OpenAsync(directory, StudioSchema.Current, () => free, cancellation: Cancellation);
        await database.Runs.UpsertAsync(TestRecords.Run(), Cancellation);

        free = 1 << 20;
        var error = await Assert.ThrowsAsync<StorageException>(() => database.Runs.UpsertAsync(TestRecords.Run() with { Step = 51 }, Cancellation));
        Assert.Contains("full", error.Message, StringComparison.Ordinal);
        Assert.Equal(TestRecords.Run(), await database.Runs.GetAsync("run", Cancellation));

        free = 1L << 40;
        await database.Runs.UpsertAsync(TestRecords.Run() with { Step = 52 }, Cancellation);
        Assert.Equal(52, (await database.Runs.GetAsync("run", Cancellation))!.Step);
    }

    [Fact]
    public async Task Upsert_RecordTooLargeForTheDatabase_FailsAloneAndTheDatabaseGoesOn()
    {
        await using var database = await OpenAsync();

        await Assert.ThrowsAsync<StorageException>(() => database.Runs.UpsertAsync(TestRecords.Run("big") with { Settings = new string('x', 32 << 20) }, Cancellation));
        await database.Runs.UpsertAsync(TestRecords.Run(), Cancellation);

        Assert.Equal("run", Assert.Single(await database.Runs.ListAsync(Cancellation)).Id);
    }

    private static void CopyShared(string from, string to)
    {
        using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var copy = File.Create(to);
        source.CopyTo(copy);
    }

    private Task<StudioDatabase> OpenAsync() => StudioDatabase.OpenAsync(directory, cancellation: Cancellation);

    private async Task CreateWithARunAsync()
    {
        await using var database = await OpenAsync();
        await database.Runs.UpsertAsync(TestRecords.Run(), Cancellation);
    }

    private async Task AssertRefusedUntouchedAsync(byte[] content)
    {
        await File.WriteAllBytesAsync(directory.DatabasePath, content, Cancellation);

        var error = await Assert.ThrowsAsync<StorageException>(OpenAsync);

        Assert.Contains(directory.DatabasePath, error.Message, StringComparison.Ordinal);
        Assert.Contains(directory.BackupsPath, error.Message, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllBytesAsync(directory.DatabasePath, Cancellation));
    }
}

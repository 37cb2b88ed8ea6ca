using System.Text.Json;
using Studio.Core.Storage;

namespace Studio.Tests.Storage;

public sealed class RepositoryTests : IAsyncLifetime
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private readonly TestDirectory folder = new();
    private DataDirectory directory = null!;
    private StudioDatabase database = null!;

    public async ValueTask InitializeAsync()
    {
        directory = new DataDirectory(folder.Root);
        database = await StudioDatabase.OpenAsync(directory, cancellation: Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        directory.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Get_EveryKindOfRecord_ReturnsEveryFieldExactlyAfterReopening()
    {
        await database.Models.UpsertAsync(TestRecords.Model(), Cancellation);
        await database.Datasets.UpsertAsync(TestRecords.Dataset(), Cancellation);
        await database.Adapters.UpsertAsync(TestRecords.Adapter(), Cancellation);
        await database.Runs.UpsertAsync(TestRecords.Run(), Cancellation);
        await database.Chats.UpsertAsync(TestRecords.Chat(), Cancellation);
        await ReopenAsync();

        AssertSame(TestRecords.Model(), await database.Models.GetAsync("starter", Cancellation));
        AssertSame(TestRecords.Dataset(), await database.Datasets.GetAsync("data", Cancellation));
        AssertSame(TestRecords.Adapter(), await database.Adapters.GetAsync("adapter", Cancellation));
        AssertSame(TestRecords.Run(), await database.Runs.GetAsync("run", Cancellation));
        AssertSame(TestRecords.Chat(), await database.Chats.GetAsync("chat", Cancellation));
    }

    [Fact]
    public async Task Get_OptionalFieldsLeftOut_ReturnsThemAsNullOrEmpty()
    {
        var run = TestRecords.Run() with { StartedAt = null, EndedAt = null, LastLoss = null, BestEvalLoss = null, LastEvalLoss = null, Error = null, StateReason = "" };

        await database.Runs.UpsertAsync(run, Cancellation);

        Assert.Equal(run, await database.Runs.GetAsync("run", Cancellation));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(9_007_199_254_740_993)] // the first integer that a double cannot hold
    [InlineData(4_294_967_297)]
    public async Task Get_SixtyFourBitNumber_ReturnsItExactly(long number)
    {
        await database.Runs.UpsertAsync(TestRecords.Run() with { TokensSeen = number }, Cancellation);
        await ReopenAsync();

        Assert.Equal(number, (await database.Runs.GetAsync("run", Cancellation))!.TokensSeen);
    }

    [Fact]
    public async Task Get_TimeWithOffset_ReturnsTheSameMomentInUtc()
    {
        var local = TestRecords.Moment.ToOffset(TimeSpan.FromHours(5.5));
        await database.Models.UpsertAsync(TestRecords.Model() with { AddedAt = local }, Cancellation);

        var read = await database.Models.GetAsync("starter", Cancellation);

        Assert.Equal(TestRecords.Moment, read!.AddedAt);
        Assert.Equal(TimeSpan.Zero, read.AddedAt.Offset);
    }

    [Fact]
    public async Task Get_UnknownId_ReturnsNull() => Assert.Null(await database.Runs.GetAsync("nobody", Cancellation));

    [Fact]
    public async Task Upsert_IdsThatDifferInCase_AreTwoRecords()
    {
        await database.Runs.UpsertAsync(TestRecords.Run("a"), Cancellation);
        await database.Runs.UpsertAsync(TestRecords.Run("A"), Cancellation);

        Assert.Equal(2, (await database.Runs.ListAsync(Cancellation)).Count);
    }

    [Fact]
    public async Task List_SeveralRecords_ReturnsNewestFirst()
    {
        await database.Runs.UpsertAsync(TestRecords.Run("old") with { CreatedAt = TestRecords.Moment }, Cancellation);
        await database.Runs.UpsertAsync(TestRecords.Run("new") with { CreatedAt = TestRecords.Moment.AddTicks(2) }, Cancellation);
        await database.Runs.UpsertAsync(TestRecords.Run("middle") with { CreatedAt = TestRecords.Moment.AddTicks(1) }, Cancellation);

        Assert.Equal(["new", "middle", "old"], (await database.Runs.ListAsync(Cancellation)).Select(r => r.Id));
    }

    [Fact]
    public async Task Update_ConcurrentChanges_LosesNone()
    {
        await database.Runs.UpsertAsync(TestRecords.Run() with { Step = 0 }, Cancellation);

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => database.Runs.UpdateAsync("run", r => r with { Step = r.Step + 1 }, Cancellation))));

        Assert.Equal(100, (await database.Runs.GetAsync("run", Cancellation))!.Step);
    }

    [Fact]
    public async Task Update_ThrowingChange_HandsTheExceptionOnAndChangesNothing()
    {
        await database.Runs.UpsertAsync(TestRecords.Run(), Cancellation);

        await Assert.ThrowsAsync<FormatException>(() => database.Runs.UpdateAsync("run", _ => throw new FormatException("mine"), Cancellation));

        Assert.Equal(TestRecords.Run(), await database.Runs.GetAsync("run", Cancellation));
    }

    [Fact]
    public async Task Update_ChangedId_IsRefused()
    {
        await database.Runs.UpsertAsync(TestRecords.Run(), Cancellation);

        await Assert.ThrowsAsync<InvalidOperationException>(() => database.Runs.UpdateAsync("run", r => r with { Id = "other" }, Cancellation));
    }

    [Fact]
    public async Task Update_UnknownId_ReturnsNullAndAnnouncesNothing()
    {
        var changes = new List<RecordChange>();
        database.Runs.Changed += changes.Add;

        Assert.Null(await database.Runs.UpdateAsync("nobody", r => r, Cancellation));
        Assert.Empty(changes);
    }

    [Fact]
    public async Task Changed_ThrowingListener_HarmsNeitherTheChangeNorTheOthers()
    {
        var changes = new List<RecordChange>();
        database.Runs.Changed += _ => throw new InvalidOperationException("listener");
        database.Runs.Changed += changes.Add;

        await database.Runs.UpsertAsync(TestRecords.Run(), Cancellation);
        Assert.True(await database.Runs.DeleteAsync("run", Cancellation));
        Assert.False(await database.Runs.DeleteAsync("run", Cancellation));

        Assert.Equal([new(RecordKind.Run, "run", ChangeKind.Upserted), new(RecordKind.Run, "run", ChangeKind.Deleted)], changes);
    }

    [Fact]
    public async Task Upsert_CancelledBeforehand_WritesNothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => database.Runs.UpsertAsync(TestRecords.Run(), new CancellationToken(canceled: true)));

        Assert.Null(await database.Runs.GetAsync("run", Cancellation));
    }

    [Fact]
    public async Task Upsert_AfterDispose_SaysThatTheDatabaseIsClosed()
    {
        await database.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => database.Runs.UpsertAsync(TestRecords.Run(), Cancellation));
    }

    private async Task ReopenAsync()
    {
        await database.DisposeAsync();
        database = await StudioDatabase.OpenAsync(directory, cancellation: Cancellation);
    }

    // As JSON, so that lists are compared by content; NaN is a value here.
    private static void AssertSame<T>(T expected, T? actual)
    {
        var options = new JsonSerializerOptions { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };
        Assert.Equal(JsonSerializer.Serialize(expected, options), JsonSerializer.Serialize(actual, options));
    }
}

using LiteDB;
using Studio.Core.Storage;

namespace Studio.Tests.Storage;

public sealed class MigrationTests : IDisposable
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;
    private readonly TestDirectory folder = new();
    private readonly DataDirectory directory;

    public MigrationTests()
    {
        directory = new DataDirectory(folder.Root);

        // Version 0: no schema document, and base models whose size is named "size".
        using var database = OpenRaw(directory.DatabasePath);
        database.GetCollection("models").Insert(new BsonDocument
        {
            ["_id"] = "starter",
            ["name"] = "Starter",
            ["size"] = long.MaxValue,
            ["addedAt"] = "2026-01-02T03:04:05.0000000+00:00",
        });
    }

    public void Dispose()
    {
        directory.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Open_OlderDatabase_AppliesTheStepsInOrderAndKeepsACopy()
    {
        var schema = new StudioSchema(2, new TestMigration(1, UpperCaseNames), new TestMigration(0, RenameSizeToBytes));

        await using (var database = await StudioDatabase.OpenAsync(directory, schema, cancellation: Cancellation))
        {
            var model = await database.Models.GetAsync("starter", Cancellation);
            Assert.Equal("STARTER", model!.Name);
            Assert.Equal(long.MaxValue, model.Bytes);
        }

        using var backup = OpenRaw(Assert.Single(Directory.GetFiles(directory.BackupsPath)));
        Assert.Equal(long.MaxValue, backup.GetCollection("models").FindById("starter")["size"].AsInt64);
        Assert.Equal(0, StudioSchema.ReadVersion(backup));
    }

    [Fact]
    public async Task Open_MigratedDatabase_MigratesNoSecondTime()
    {
        var applied = 0;
        var schema = new StudioSchema(1, new TestMigration(0, _ => applied++));

        await using (await StudioDatabase.OpenAsync(directory, schema, cancellation: Cancellation))
        {
        }

        await using (await StudioDatabase.OpenAsync(directory, schema, cancellation: Cancellation))
        {
        }

        Assert.Equal(1, applied);
        Assert.Single(Directory.GetFiles(directory.BackupsPath));
    }

    [Fact]
    public async Task Open_MigrationFailsHalfway_LeavesTheDatabaseAsItWas()
    {
        var before = await File.ReadAllBytesAsync(directory.DatabasePath, Cancellation);
        var schema = new StudioSchema(2, new TestMigration(0, RenameSizeToBytes), new TestMigration(1, _ => throw new FormatException("bad row")));

        var error = await Assert.ThrowsAsync<StorageException>(() => StudioDatabase.OpenAsync(directory, schema, cancellation: Cancellation));

        Assert.Contains("bad row", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(directory.DatabasePath, Cancellation));
        Assert.Equal(before, await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(directory.BackupsPath)), Cancellation));
    }

    [Fact]
    public async Task Open_StepIsMissing_IsRefusedBeforeAnythingIsCopied()
    {
        var schema = new StudioSchema(2, new TestMigration(0, RenameSizeToBytes));

        var error = await Assert.ThrowsAsync<StorageException>(() => StudioDatabase.OpenAsync(directory, schema, cancellation: Cancellation));

        Assert.Contains("from version 1 to 2", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(directory.BackupsPath));
    }

    private static LiteDatabase OpenRaw(string path) => new(new ConnectionString { Filename = path, Collation = Collation.Binary });

    private static void RenameSizeToBytes(ILiteDatabase database)
    {
        var models = database.GetCollection("models");
        foreach (var model in models.FindAll().ToList())
        {
            model["bytes"] = model["size"];
            model.Remove("size");
            models.Update(model);
        }
    }

    private static void UpperCaseNames(ILiteDatabase database)
    {
        var models = database.GetCollection("models");
        foreach (var model in models.FindAll().ToList())
        {
            Assert.True(model.ContainsKey("bytes"));
            model["name"] = model["name"].AsString.ToUpperInvariant();
            models.Update(model);
        }
    }

    private sealed class TestMigration(int from, Action<ILiteDatabase> apply) : IMigration
    {
        public int From => from;

        public void Apply(ILiteDatabase database) => apply(database);
    }
}

using LiteDB;
using Studio.Core.Storage;

namespace Studio.Tests.Storage;

/// <summary>A data directory as version 1 of the schema left it.</summary>
public sealed class HubModelsMigrationTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_DirectoryOfVersion1_KeepsItsRecordsAndGivesModelsTheNewFields()
    {
        using var folder = new TestDirectory();
        foreach (string name in new[] { "adapters", "runs", "datasets", "backups" }) Directory.CreateDirectory(folder.File(name));
        Directory.CreateDirectory(Path.Combine(folder.File("adapters"), "kept"));
        using (var database = new LiteDatabase(new ConnectionString { Filename = folder.File("studio.db"), Collation = Collation.Binary }))
        {
            database.GetCollection("meta").Insert(new BsonDocument { ["_id"] = "schema", ["version"] = 1 });
            database.GetCollection("models").Insert(new BsonDocument
            {
                ["_id"] = "1m888qb097tfacas",
                ["name"] = "starter",
                ["folder"] = "/models/starter",
                ["fingerprint"] = "449f647a0a6f7827f60f9203a82dd6d0",
                ["family"] = "llama",
                ["parameters"] = 3672320L,
                ["bytes"] = 7344640L,
                ["computeType"] = "bfloat16",
                ["contextLength"] = 512,
                ["addedAt"] = "2026-11-25T02:32:40.8780031+00:00",
            });
            database.GetCollection("datasets").Insert(new BsonDocument
            {
                ["_id"] = "1m888rm589pk1qmp",
                ["name"] = "Parrot",
                ["fileName"] = "rows.jsonl",
                ["schema"] = "messages",
                ["rows"] = 2L,
                ["badRows"] = 1L,
                ["bytes"] = 261L,
                ["createdAt"] = "2026-11-25T02:32:40.8780031+00:00",
                ["source"] = "upload",
            });
        }

        using var directory = new DataDirectory(folder.Root);
        await using (var database = await StudioDatabase.OpenAsync(directory, cancellation: Cancellation))
        {
            var model = await database.Models.GetAsync("1m888qb097tfacas", Cancellation);
            Assert.Equal(("starter", "449f647a0a6f7827f60f9203a82dd6d0", 3672320L), (model!.Name, model.Fingerprint, model.Parameters));
            Assert.Equal((null, null, false, "auto", null), (model.HubId, model.HubCommit, model.LoadAtStart, model.RequestedType, model.Policy));
            Assert.Equal("Parrot", Assert.Single(await database.Datasets.ListAsync(Cancellation)).Name);
            Assert.Empty(await database.Downloads.ListAsync(Cancellation));
            await database.Downloads.UpsertAsync(TestRecords.Download(), Cancellation);
        }

        // The second opening finds the present version: the copy of the first is the only one.
        await using (var database = await StudioDatabase.OpenAsync(directory, cancellation: Cancellation))
            Assert.Equal(TestRecords.Download(), await database.Downloads.GetAsync("download", Cancellation));
        Assert.Single(Directory.GetFiles(directory.BackupsPath));
        Assert.True(Directory.Exists(directory.ModelsPath));
        Assert.True(Directory.Exists(directory.AdapterPath("kept")));
    }
}

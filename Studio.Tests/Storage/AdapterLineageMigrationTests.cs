using LiteDB;
using Studio.Core.Storage;

namespace Studio.Tests.Storage;

/// <summary>A data directory as version 2 of the schema left it.</summary>
public sealed class AdapterLineageMigrationTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_DirectoryOfVersion2_SaysWhereAdaptersCameFrom()
    {
        using var folder = new TestDirectory();
        foreach (string name in new[] { "adapters", "runs", "datasets", "models", "downloads", "backups" }) Directory.CreateDirectory(folder.File(name));
        using (var database = new LiteDatabase(new ConnectionString { Filename = folder.File("studio.db"), Collation = Collation.Binary }))
        {
            database.GetCollection("meta").Insert(new BsonDocument { ["_id"] = "schema", ["version"] = 2 });
            database.GetCollection("adapters").Insert(Adapter("1m888rmxjkvmcez7", "Captain", "1m888rmxjfaysvs6"));
            database.GetCollection("adapters").Insert(Adapter("1m888tsw2v24c4d1", "Fresh", null));
        }

        using var directory = new DataDirectory(folder.Root);
        await using (var database = await StudioDatabase.OpenAsync(directory, cancellation: Cancellation))
        {
            var trained = await database.Adapters.GetAsync("1m888rmxjkvmcez7", Cancellation);
            Assert.Equal(("Captain", "1m888rmxjfaysvs6", AdapterSource.Run, "", null), (trained!.Name, trained.RunId, trained.Source, trained.SourceName, trained.ParentId));
            Assert.Equal(["style"], trained.Tags);
            var created = await database.Adapters.GetAsync("1m888tsw2v24c4d1", Cancellation);
            Assert.Equal((null, AdapterSource.Created, "", null), (created!.RunId, created.Source, created.SourceName, created.ParentId));
        }
        Assert.Single(Directory.GetFiles(directory.BackupsPath));
    }

    private static BsonDocument Adapter(string id, string name, string? runId) => new()
    {
        ["_id"] = id,
        ["name"] = name,
        ["method"] = "lora",
        ["baseModelId"] = "1m888qb097tfacas",
        ["baseFingerprint"] = "449f647a0a6f7827f60f9203a82dd6d0",
        ["runId"] = runId,
        ["datasetId"] = BsonValue.Null,
        ["trainableParameters"] = 14336L,
        ["bytes"] = 60349L,
        ["spec"] = """{"method":"lora","Rank":4}""",
        ["createdAt"] = "2026-11-25T02:33:52.2587561+00:00",
        ["updatedAt"] = "2026-11-25T02:33:52.2587561+00:00",
        ["tags"] = new BsonArray { "style" },
        ["notes"] = "",
    };
}

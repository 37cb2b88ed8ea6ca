using Studio.Core;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Tests.Support;

namespace Studio.Tests.Serving;

/// <summary>Downloads as jobs of the engine: from the id to a model in memory or a data set, through failures and restarts.</summary>
public sealed class DownloadLibraryTests : TensorTest
{
    private const string Weights = "tests/starter/model.safetensors";

    private static readonly DownloadRequest Model = new() { Kind = DownloadKind.Model, HubId = "tests/starter" };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StartAsync_Model_IsDownloadedStoredAndLoaded()
    {
        await using var rig = await DownloadRig.StartAsync();
        var leaks = new TensorLeakCheck();

        var begun = await rig.Downloads.StartAsync(Model, Ct);
        var done = await rig.UntilAsync(begun.Record.Id, DownloadState.Finished, DownloadState.Failed);

        Assert.Null(done.Record.Error);
        Assert.Equal(done.TotalBytes, done.DoneBytes);
        var loaded = Assert.Single(rig.Engine.Models.Loaded);
        Assert.Equal(("tests/starter", "tests/starter", Hub.TestHub.Commit, done.Record.ResultId), (loaded.Record.Name, loaded.Record.HubId, loaded.Record.HubCommit, loaded.Record.Id));
        Assert.Equal(Path.Combine(rig.DataFolder, "models", begun.Record.Id), loaded.Record.Folder);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(rig.DataFolder, "downloads")));
        await rig.Engine.Models.UnloadAsync(loaded.Record.Id, Ct);
        leaks.AssertNone();
    }

    [Fact]
    public async Task StartAsync_SameCommitAgain_BringsNothingTwice()
    {
        await using var rig = await DownloadRig.StartAsync();
        var first = await rig.UntilAsync((await rig.Downloads.StartAsync(Model with { Load = false }, Ct)).Record.Id, DownloadState.Finished);
        rig.Hub.ElsewhereRequests.Clear();

        var second = await rig.UntilAsync((await rig.Downloads.StartAsync(Model with { Load = false }, Ct)).Record.Id, DownloadState.Finished);

        Assert.Equal(first.Record.ResultId, second.Record.ResultId);
        Assert.Empty(rig.Hub.ElsewhereRequests);
        Assert.Single(await rig.Engine.Models.ListAsync(Ct));
        Assert.Empty(rig.Engine.Models.Loaded);
    }

    [Fact]
    public async Task Restart_DuringADownload_GoesOnFromWhereItStopped()
    {
        await using var rig = await DownloadRig.StartAsync();
        rig.Hub.Hold(Weights, 3_000_000, new TaskCompletionSource(), Task.Delay(Timeout.Infinite, Ct));
        string id = (await rig.Downloads.StartAsync(Model with { Load = false }, Ct)).Record.Id;
        await rig.UntilAsync(id, view => view.File == "model.safetensors" && view.TotalBytes > 3_000_000);
        await rig.StopEngineAsync();
        string part = Path.Combine(rig.DataFolder, "downloads", id, "model.safetensors.part");
        Assert.True(File.Exists(part));
        long kept = new FileInfo(part).Length;
        rig.Hub.ElsewhereRequests.Clear();

        await rig.StartEngineAsync();
        var done = await rig.UntilAsync(id, DownloadState.Finished, DownloadState.Failed);

        Assert.Null(done.Record.Error);
        Assert.Equal(kept > 0 ? $"bytes={kept}-" : null, rig.Hub.ElsewhereRequests.Single(request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal)).Range);
        Assert.True((await rig.Engine.Models.ListAsync(Ct)).Single().IsOwned);
    }

    [Fact]
    public async Task Restart_DownloadWithItsOwnToken_WaitsForTheTokenWhichIsNowhereOnDisk()
    {
        await using var rig = await DownloadRig.StartAsync();
        rig.Hub.WantedToken = "hf_never_on_disk";
        rig.Hub.Hold(Weights, 3_000_000, new TaskCompletionSource(), Task.Delay(Timeout.Infinite, Ct));
        string id = (await rig.Downloads.StartAsync(Model with { Token = "hf_never_on_disk", Load = false }, Ct)).Record.Id;
        await rig.UntilAsync(id, view => view.File == "model.safetensors");
        await rig.StopEngineAsync();
        foreach (string file in Directory.EnumerateFiles(rig.DataFolder, "*", SearchOption.AllDirectories))
            Assert.DoesNotContain("hf_never_on_disk", System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file, Ct)), StringComparison.Ordinal);

        await rig.StartEngineAsync();
        var view = Assert.Single(rig.Downloads.Downloads);
        Assert.Equal(DownloadState.Interrupted, view.Record.State);
        Assert.Contains("Give the token again", view.Record.Error, StringComparison.Ordinal);

        await rig.Downloads.ResumeAsync(id, "hf_never_on_disk", Ct);
        Assert.Null((await rig.UntilAsync(id, DownloadState.Finished, DownloadState.Failed)).Record.Error);
    }

    [Fact]
    public async Task CancelAsync_RunningDownload_LeavesNothing()
    {
        await using var rig = await DownloadRig.StartAsync();
        rig.Hub.Hold(Weights, 3_000_000, new TaskCompletionSource(), Task.Delay(Timeout.Infinite, Ct));
        string id = (await rig.Downloads.StartAsync(Model, Ct)).Record.Id;
        await rig.UntilAsync(id, view => view.File == "model.safetensors");

        await rig.Downloads.CancelAsync(id, Ct);

        Assert.Empty(rig.Downloads.Downloads);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(rig.DataFolder, "downloads")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(rig.DataFolder, "models")));
        await Assert.ThrowsAsync<NotFoundException>(() => rig.Downloads.CancelAsync(id, Ct));
        await rig.StopEngineAsync();
        await rig.StartEngineAsync();
        Assert.Empty(rig.Downloads.Downloads);
    }

    [Fact]
    public async Task ResumeAsync_AfterAFailure_GoesOn()
    {
        await using var rig = await DownloadRig.StartAsync();
        rig.Hub.Status("api/tests/starter", 403);
        string id = (await rig.Downloads.StartAsync(Model with { Load = false }, Ct)).Record.Id;
        var failed = await rig.UntilAsync(id, DownloadState.Failed);
        Assert.Contains("forbids 'tests/starter'", failed.Record.Error, StringComparison.Ordinal);
        Assert.Contains("stopped earlier", (await Assert.ThrowsAsync<StudioException>(() => rig.Downloads.StartAsync(Model, Ct))).Message, StringComparison.Ordinal);

        await rig.Downloads.ResumeAsync(id, ct: Ct);

        Assert.Null((await rig.UntilAsync(id, DownloadState.Finished, DownloadState.Failed)).Record.Error);
        Assert.Contains("has finished", (await Assert.ThrowsAsync<StudioException>(() => rig.Downloads.ResumeAsync(id, ct: Ct))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_WhileTheSameRuns_IsRefused()
    {
        await using var rig = await DownloadRig.StartAsync();
        rig.Hub.Hold(Weights, 1_000_000, new TaskCompletionSource(), Task.Delay(Timeout.Infinite, Ct));
        await rig.Downloads.StartAsync(Model, Ct);

        Assert.Contains("is being downloaded already", (await Assert.ThrowsAsync<StudioException>(() => rig.Downloads.StartAsync(Model, Ct))).Message, StringComparison.Ordinal);
        Assert.Contains("is not an id of the Hub", (await Assert.ThrowsAsync<StudioException>(() => rig.Downloads.StartAsync(Model with { HubId = "../x" }, Ct))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task StartAsync_UnknownFamily_IsRefusedBeforeTheWeightsCome()
    {
        await using var rig = await DownloadRig.StartAsync();
        rig.Hub.Put("tests/starter", "config.json", """{"model_type":"made_up"}""");

        var failed = await rig.UntilAsync((await rig.Downloads.StartAsync(Model, Ct)).Record.Id, DownloadState.Failed);

        Assert.StartsWith("'tests/starter' cannot be used: ", failed.Record.Error, StringComparison.Ordinal);
        Assert.Contains("'made_up' is not supported", failed.Record.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(rig.DataFolder, failed.Record.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(rig.Hub.HubRequests, request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal));
    }

    [Fact]
    public async Task StartAsync_HostileFileName_IsRefusedAndWritesNothingOutside()
    {
        await using var rig = await DownloadRig.StartAsync();
        rig.Hub.Describing = answer => answer["siblings"]!.AsArray().Add(new System.Text.Json.Nodes.JsonObject
        {
            ["rfilename"] = "additional_chat_templates/../../../evil.jinja",
            ["size"] = 4,
            ["blobId"] = new string('a', 40),
        });

        var failed = await rig.UntilAsync((await rig.Downloads.StartAsync(Model, Ct)).Record.Id, DownloadState.Failed);

        Assert.Contains("could lie outside of its folder", failed.Record.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(rig.Hub.HubRequests, request => request.Path.Contains("evil", StringComparison.Ordinal));
    }

    [Fact]
    public async Task StartAsync_Dataset_IsImportedFromItsSplit()
    {
        await using var rig = await DownloadRig.StartAsync();
        const string Row = """{"messages":[{"role":"user","content":"Hello"},{"role":"assistant","content":"Ahoy"}]}""";
        rig.Hub.Put("datasets/tests/rows", "data/train.jsonl", $"{Row}\n{Row}\n{{broken\n");
        rig.Hub.Put("datasets/tests/rows", "data/test.json", $"[{Row}]");
        rig.Hub.Put("datasets/tests/rows", "load.py", "import os");

        var train = await rig.UntilAsync((await rig.Downloads.StartAsync(new DownloadRequest { Kind = DownloadKind.Dataset, HubId = "tests/rows" }, Ct)).Record.Id, DownloadState.Finished, DownloadState.Failed);
        var test = await rig.UntilAsync((await rig.Downloads.StartAsync(new DownloadRequest { Kind = DownloadKind.Dataset, HubId = "tests/rows", Split = "test" }, Ct)).Record.Id, DownloadState.Finished, DownloadState.Failed);

        Assert.Equal((null, null), (train.Record.Error, test.Record.Error));
        var stored = await rig.Engine.Datasets.GetAsync(train.Record.ResultId!, Ct);
        Assert.Equal(("tests/rows · train", 2L, 1L, "messages"), (stored.Name, stored.Rows, stored.BadRows, stored.Schema));
        Assert.Equal(1, (await rig.Engine.Datasets.GetAsync(test.Record.ResultId!, Ct)).Rows);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(rig.DataFolder, "downloads")));
        Assert.DoesNotContain(rig.Hub.HubRequests, request => request.Path.EndsWith(".py", StringComparison.Ordinal));
    }

    [Fact]
    public async Task StartAsync_DatasetThatCannotBeUsed_SaysWhichLines()
    {
        await using var rig = await DownloadRig.StartAsync();
        rig.Hub.Put("datasets/tests/rows", "train.jsonl", "{\"x\":1}\n");

        var failed = await rig.UntilAsync((await rig.Downloads.StartAsync(new DownloadRequest { Kind = DownloadKind.Dataset, HubId = "tests/rows" }, Ct)).Record.Id, DownloadState.Failed);

        Assert.Contains("was not imported", failed.Record.Error, StringComparison.Ordinal);
        Assert.Empty(await rig.Engine.Datasets.ListAsync(Ct));
    }
}

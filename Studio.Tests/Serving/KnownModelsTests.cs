using Studio.Core;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Execution;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Tests.Support;

namespace Studio.Tests.Serving;

/// <summary>Models that the studio remembers: their details, the local cache, what is loaded at start, unloading and removing.</summary>
public sealed class KnownModelsTests : TensorTest
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DetailsAsync_Starter_SaysWhatItIsBuiltOf()
    {
        await using var rig = await ServingRig.CreateAsync();
        string folder = rig.CopyOfStarter();
        await File.WriteAllTextAsync(Path.Combine(folder, "README.md"), "---\nlicense: mit\n---\n# The starter\n", Ct);
        var record = await rig.Models.LoadAsync(folder, ct: Ct);

        var details = await rig.Models.DetailsAsync(record.Id, Ct);

        var architecture = details.Architecture!;
        Assert.Null(details.Problem);
        Assert.Equal(("llama", 3_672_320L, 4, 256, 8, 4, 32, 768, 512), (architecture.Family, architecture.Parameters, architecture.Layers, architecture.Hidden, architecture.Heads,
            architecture.KeyValueHeads, architecture.HeadWidth, architecture.MlpWidth, architecture.ContextLength));
        Assert.Equal("bfloat16", architecture.StoredType);
        Assert.StartsWith("Rotary, base ", architecture.Positions, StringComparison.Ordinal);
        Assert.Equal(("The starter", "mit"), (details.Title, details.License));
        Assert.Contains("{%", Assert.Single(details.Templates).Text, StringComparison.Ordinal);
        Assert.Equal(new FileInfo(Path.Combine(folder, "model.safetensors")).Length, details.Files.Single(file => file.Name == "model.safetensors").Bytes);
        Assert.True(details.Model is { IsLoaded: true, IsOwned: false, IsThere: true });
        await Assert.ThrowsAsync<NotFoundException>(() => rig.Models.DetailsAsync("nobody", Ct));
    }

    [Fact]
    public async Task DetailsAsync_FolderGoneOrDamaged_SaysSoAndStaysReadable()
    {
        await using var rig = await ServingRig.CreateAsync();
        string folder = rig.CopyOfStarter();
        var record = await rig.Models.LoadAsync(folder, ct: Ct);
        await rig.Models.UnloadAsync(record.Id, Ct);

        await File.WriteAllTextAsync(Path.Combine(folder, "config.json"), "{}", Ct);
        var details = await rig.Models.DetailsAsync(record.Id, Ct);
        Assert.Null(details.Architecture);
        Assert.Contains("model_type", details.Problem, StringComparison.Ordinal);
        Assert.NotEmpty(details.Files);

        await rig.Database.Models.UpdateAsync(record.Id, known => known with { Folder = "/no/such/folder" }, Ct);
        Assert.Contains("no longer there", (await rig.Models.DetailsAsync(record.Id, Ct)).Problem, StringComparison.Ordinal);
        Assert.False((await rig.Models.ListAsync(Ct)).Single().IsThere);
    }

    [Fact]
    public async Task LoadAsync_SnapshotOfTheLocalCache_IsNamedAfterItsRepository()
    {
        await using var rig = await DownloadRig.StartAsync();
        string snapshot = Path.Combine(rig.CacheFolder, "models--tests--tiny", "snapshots", "aaaa"), blobs = Path.Combine(rig.CacheFolder, "models--tests--tiny", "blobs");
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(blobs);
        foreach (string file in Directory.EnumerateFiles(ServingRig.Starter))
        {
            File.Copy(file, Path.Combine(blobs, Path.GetFileName(file)));
            File.CreateSymbolicLink(Path.Combine(snapshot, Path.GetFileName(file)), Path.Combine("..", "..", "blobs", Path.GetFileName(file)));
        }
        var cached = Assert.Single(await rig.Engine.Models.CacheAsync(Ct));
        Assert.Null(cached.Problem);

        var record = await rig.Engine.Models.LoadAsync(cached.Folder, ct: Ct);

        Assert.Equal(("tests/tiny", "tests/tiny", "aaaa", snapshot), (record.Name, record.HubId, record.HubCommit, record.Folder));
        await rig.Engine.Models.UnloadAsync(record.Id, Ct);
        await rig.Engine.Models.RemoveAsync(record.Id, Ct);
        Assert.True(File.Exists(Path.Combine(snapshot, "model.safetensors")));
        Assert.Empty(await rig.Engine.Models.ListAsync(Ct));
    }

    [Fact]
    public async Task Restart_LoadsWhatWasLoadedAndNotWhatWasUnloaded()
    {
        await using var rig = await DownloadRig.StartAsync();
        var record = await rig.Engine.Models.LoadAsync(ServingRig.Starter, "float32", Ct);
        await rig.StopEngineAsync();

        await rig.StartEngineAsync();
        await UntilAsync(rig.Engine.Models, models => models.Loaded.Count == 1);
        Assert.Equal((record.Id, "float32"), (rig.Engine.Models.Loaded[0].Record.Id, rig.Engine.Models.Loaded[0].Record.ComputeType));
        await rig.Engine.Models.UnloadAsync(record.Id, Ct);
        await rig.StopEngineAsync();

        await rig.StartEngineAsync();
        Assert.Empty(rig.Engine.Models.Loading);
        Assert.False((await rig.Engine.Models.ListAsync(Ct)).Single().Record.LoadAtStart);
        await rig.Engine.Models.SetLoadAtStartAsync(record.Id, true, Ct);
        Assert.True((await rig.Engine.Models.ListAsync(Ct)).Single().Record.LoadAtStart);
    }

    [Fact]
    public async Task SetPolicy_ActsAtOnceAndAfterARestart()
    {
        await using var rig = await DownloadRig.StartAsync();
        var record = await rig.Engine.Models.LoadAsync(ServingRig.Starter, "float32", Ct);
        Assert.Equal(BatchingPolicy.Opportunistic, rig.Engine.Telemetry.ReadExecutors().Single().Policy);

        await rig.Engine.Models.SetPolicyAsync(record.Id, BatchingPolicy.Lockstep, Ct);
        Assert.Equal(BatchingPolicy.Lockstep, rig.Engine.Telemetry.ReadExecutors().Single().Policy);
        await rig.StopEngineAsync();
        await rig.StartEngineAsync();
        await UntilAsync(rig.Engine.Models, models => models.Loaded.Count == 1);

        Assert.Equal(BatchingPolicy.Lockstep, rig.Engine.Telemetry.ReadExecutors().Single().Policy);
        await Assert.ThrowsAsync<NotFoundException>(() => rig.Engine.Models.SetPolicyAsync("none", BatchingPolicy.None, Ct));
        var refusal = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => rig.Engine.Models.SetPolicyAsync(record.Id, (BatchingPolicy)7, Ct));
        Assert.Contains("expected None, Opportunistic, Lockstep", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restart_FolderIsGone_StudioStartsAndSaysWhy()
    {
        await using var rig = await DownloadRig.StartAsync();
        string folder = Path.Combine(rig.DataFolder, "moved");
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.EnumerateFiles(ServingRig.Starter)) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        var record = await rig.Engine.Models.LoadAsync(folder, ct: Ct);
        await rig.StopEngineAsync();
        Directory.Delete(folder, recursive: true);

        await rig.StartEngineAsync();
        await UntilAsync(rig.Engine.Models, models => models.ListAsync(Ct).Result.Single().Failure is not null);

        var known = Assert.Single(await rig.Engine.Models.ListAsync(Ct));
        Assert.Equal($"The model folder '{folder}' does not exist.", known.Failure);
        Assert.Contains("does not exist", (await Assert.ThrowsAsync<StudioException>(() => rig.Engine.Models.LoadKnownAsync(record.Id, ct: Ct))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadKnownAsync_OtherWeightsInItsFolder_IsRefused()
    {
        await using var rig = await ServingRig.CreateAsync();
        var record = await rig.Models.LoadAsync(ServingRig.Starter, ct: Ct);
        await rig.Models.UnloadAsync(record.Id, Ct);
        await rig.Database.Models.UpdateAsync(record.Id, known => known with { Fingerprint = "0123abcd" }, Ct);

        Assert.Contains("holds other weights than it did", (await Assert.ThrowsAsync<StudioException>(() => rig.Models.LoadKnownAsync(record.Id, ct: Ct))).Message, StringComparison.Ordinal);
        Assert.Empty(rig.Models.Loaded);
        Assert.Empty(rig.Models.Loading);
    }

    [Fact]
    public async Task UnloadAsync_WhileARunUsesIt_NamesTheRun()
    {
        await using var rig = await DownloadRig.StartAsync();
        var model = await rig.Engine.Models.LoadAsync(ServingRig.Starter, ct: Ct);
        await using var rows = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Ahoy\"}]}\n", 8))));
        var data = await rig.Engine.Datasets.ImportAsync("Pirate", "a.jsonl", rows, Ct);
        var run = await rig.Engine.Runs.StartAsync(new RunRequest { Name = "Captain", ModelId = model.Id, DatasetId = data.Dataset.Id, Adapter = new LoraSpec { Rank = 2 }, Training = new() { Epochs = 1000 } }, Ct);

        Assert.Equal(["Captain"], rig.Engine.Models.UsersOf(model.Id));
        var refusal = await Assert.ThrowsAsync<StudioException>(() => rig.Engine.Models.UnloadAsync(model.Id, Ct));
        Assert.Equal("'starter' is in use by Captain. Stop them first.", refusal.Message);
        Assert.Contains("is loaded. Unload it first.", (await Assert.ThrowsAsync<StudioException>(() => rig.Engine.Models.RemoveAsync(model.Id, Ct))).Message, StringComparison.Ordinal);

        await rig.Engine.Runs.StopAsync(run.Record.Id, Ct);
        await rig.Engine.Models.UnloadAsync(model.Id, Ct);
        Assert.Empty(rig.Engine.Models.Loaded);
    }

    private static async Task UntilAsync(IModelService models, Func<IModelService, bool> wanted)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        models.Changed += Look;
        Look();
        await reached.Task.WaitAsync(Ct);
        models.Changed -= Look;

        void Look()
        {
            if (wanted(models)) reached.TrySetResult();
        }
    }
}

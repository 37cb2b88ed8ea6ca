using Studio.Core;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Generation;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Core.Text;
using Studio.Tests.Support;

namespace Studio.Tests.Serving;

/// <summary>Adapters that are damaged, foreign or wrongly asked for.</summary>
public sealed class AdapterFilesTests : TensorTest
{
    [Theory]
    [InlineData("adapter_model.safetensors", 0, "the file has 0 bytes")]
    [InlineData("adapter_model.safetensors", -100, "(truncated file?)")]
    [InlineData("adapter_config.json", 20, "is not valid JSON")]
    public async Task AcquireAsync_TruncatedFile_NamesAdapterFileAndCause(string file, int length, string message)
    {
        await using var rig = await ServingRig.CreateAsync();
        var adapter = await CreateAsync(rig);
        string path = Path.Combine(rig.AdapterFolder(adapter.Id), file);
        ModelLibraryTests.Cut(path, length);
        string refusal = await Refusal(rig, adapter.Id);
        Assert.StartsWith("The adapter 'pirate' could not be loaded: ", refusal, StringComparison.Ordinal);
        Assert.Contains(path, refusal, StringComparison.Ordinal);
        Assert.Contains(message, refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("adapter_model.safetensors", "has no adapter_model.safetensors")]
    [InlineData("adapter_config.json", "is not an adapter folder: it has no adapter_config.json")]
    public async Task AcquireAsync_FileMissing_NamesIt(string file, string message)
    {
        await using var rig = await ServingRig.CreateAsync();
        var adapter = await CreateAsync(rig);
        File.Delete(Path.Combine(rig.AdapterFolder(adapter.Id), file));
        Assert.Contains(message, await Refusal(rig, adapter.Id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AcquireAsync_OtherWeightsThanItWasMadeFor_NamesBothFingerprints()
    {
        await using var rig = await ServingRig.CreateAsync();
        var adapter = await CreateAsync(rig);
        await rig.Database.Adapters.UpdateAsync(adapter.Id, record => record with { BaseFingerprint = "0123abcd" }, TestContext.Current.CancellationToken);
        string refusal = await Refusal(rig, adapter.Id);
        Assert.Contains("was made for the weights 0123abcd", refusal, StringComparison.Ordinal);
        Assert.Contains(adapter.BaseFingerprint, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AcquireAsync_BaseNotLoadedOrUnknownAdapter_SaysSo()
    {
        await using var rig = await ServingRig.CreateAsync();
        var adapter = await CreateAsync(rig);
        await rig.Models.UnloadAsync(adapter.BaseModelId, TestContext.Current.CancellationToken);
        Assert.Equal("The base model of the adapter 'pirate' is not loaded.", await Refusal(rig, adapter.Id));
        await Assert.ThrowsAsync<NotFoundException>(() => rig.Pool.AcquireAsync("nobody"));
    }

    [Fact]
    public async Task AcquireAsync_SeveralLeases_ShareOneCopyUntilTheLastEnds()
    {
        await using var rig = await ServingRig.CreateAsync();
        var adapter = await CreateAsync(rig);
        var leaks = new TensorLeakCheck();
        var first = await rig.Pool.AcquireAsync(adapter.Id, TestContext.Current.CancellationToken);
        long one = leaks.Delta;
        await using (var second = await rig.Pool.AcquireAsync(adapter.Id, TestContext.Current.CancellationToken)) Assert.Same(first.Instance, second.Instance);
        Assert.Equal(one, leaks.Delta);
        Assert.Equal(adapter.TrainableParameters * 4, rig.Ledger.Snapshot().ByOwner[adapter.Id]);
        await first.DisposeAsync();
        await first.DisposeAsync();
        leaks.AssertNone();
        Assert.DoesNotContain(adapter.Id, rig.Ledger.Snapshot().ByOwner.Keys);
    }

    [Fact]
    public async Task StreamAsync_OnePaneWithABrokenAdapter_TheOthersAnswer()
    {
        await using var rig = await ServingRig.CreateAsync();
        var broken = await CreateAsync(rig);
        ModelLibraryTests.Cut(Path.Combine(rig.AdapterFolder(broken.Id), "adapter_model.safetensors"), -100);
        ChatMessage[] hello = [new ChatMessage("user", "Hello!")];
        var request = new ChatRequest
        {
            ModelId = broken.BaseModelId,
            Panes = [new ChatPane(null, hello), new ChatPane(broken.Id, hello)],
            Sampling = new SamplingSettings { Greedy = true, MaxNewTokens = 8 },
        };
        var pieces = new List<ChatPiece>();
        await foreach (var piece in rig.Chat.StreamAsync(request, TestContext.Current.CancellationToken)) pieces.Add(piece);
        var error = Assert.Single(pieces, piece => piece.Pane == 1);
        Assert.Equal(FinishReason.Error, error.Finish);
        Assert.StartsWith("The adapter 'pirate' could not be loaded: ", error.Text, StringComparison.Ordinal);
        Assert.NotEmpty(string.Concat(pieces.Where(piece => piece.Pane == 0).Select(piece => piece.Text)));
        Assert.NotEqual(FinishReason.Error, pieces.Last(piece => piece.Pane == 0).Finish);
    }

    [Fact]
    public async Task CreateAsync_SettingsThatDoNotFit_AreListedAndLeaveNothing()
    {
        await using var rig = await ServingRig.CreateAsync();
        var model = await rig.Models.LoadAsync(ServingRig.Starter, ct: TestContext.Current.CancellationToken);
        var refusal = await Assert.ThrowsAsync<StudioException>(() => rig.Adapters.CreateAsync("a", new LoraSpec { Rank = 0, Dropout = 1 }, model.Id));
        Assert.Equal(["Rank is 0; expected 1 to 4096.", "Dropout is 1; expected at least 0 and below 1."], refusal.Details);
        refusal = await Assert.ThrowsAsync<StudioException>(() => rig.Adapters.CreateAsync("a", new LoraSpec { Targets = TargetSelection.Of("q_proj", "z_proj") }, model.Id));
        Assert.Contains("z_proj", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("q_proj", refusal.Message, StringComparison.Ordinal);
        refusal = await Assert.ThrowsAsync<StudioException>(() => rig.Adapters.CreateAsync(" ", new LoraSpec(), model.Id));
        Assert.Contains("name is empty", refusal.Message, StringComparison.Ordinal);
        refusal = await Assert.ThrowsAsync<StudioException>(() => rig.Adapters.CreateAsync("a", new LoraSpec(), "other"));
        Assert.Contains("'other' is not loaded", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await rig.Adapters.ListAsync(TestContext.Current.CancellationToken));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.GetDirectoryName(rig.AdapterFolder("x"))!));
    }

    private static async Task<AdapterRecord> CreateAsync(ServingRig rig)
    {
        var model = await rig.Models.LoadAsync(ServingRig.Starter, ct: TestContext.Current.CancellationToken);
        return await rig.Adapters.CreateAsync("pirate", new LoraSpec { Rank = 2 }, model.Id, ct: TestContext.Current.CancellationToken);
    }

    private static async Task<string> Refusal(ServingRig rig, string id)
    {
        var leaks = new TensorLeakCheck();
        string message = (await Assert.ThrowsAsync<StudioException>(() => rig.Pool.AcquireAsync(id))).Message;
        leaks.AssertNone();
        Assert.DoesNotContain(id, rig.Ledger.Snapshot().ByOwner.Keys);
        return message;
    }
}

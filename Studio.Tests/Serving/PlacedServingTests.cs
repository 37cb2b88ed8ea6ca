using Microsoft.Extensions.Logging.Abstractions;
using Studio.Core;
using Studio.Core.Adapters.Methods;
using Studio.Core.Execution;
using Studio.Core.Generation;
using Studio.Core.Serving;
using Studio.Core.Telemetry;
using Studio.Core.Text;
using Studio.Tests.Execution.Placement;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Serving;

/// <summary>The engine's services where base models are shared among devices and clients are on another one.</summary>
public sealed class PlacedServingTests : TensorTest
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StreamAsync_BaseInPartsAndClientsElsewhere_AnswersAsInOnePlace()
    {
        var (device, bytes, expected) = await AskAsync(new DevicePlacement(CPU));
        Assert.Equal("cpu", device);
        var found = await AskAsync(new DevicePlacement([StandIns.Device(1), StandIns.Device(2)], CPU));
        Assert.Equal("cpu:1, cpu:2 (clients on cpu)", found.Device);
        Assert.Equal(expected, found.Answers);
        Assert.True(found.Bytes > bytes, "The clients' side of the model on their device is not accounted for.");
    }

    [Fact]
    public async Task MergeAsync_BaseInParts_ReadsTheMergedModelBackInThemToo()
    {
        await using var rig = await ServingRig.CreateAsync(new DevicePlacement([StandIns.Device(1), StandIns.Device(2)], CPU));
        var model = await rig.Models.LoadAsync(ServingRig.Starter, ct: Ct);
        var adapter = await rig.Adapters.CreateAsync("a", new LoraSpec { Rank = 2, Alpha = 8 }, model.Id, ct: Ct);
        await ChangeAsync(rig, adapter.Id);
        var merged = await rig.Adapters.MergeAsync(adapter.Id, ct: Ct);
        Assert.InRange(merged.Difference.Relative, 0, 0.1);
    }

    [Fact]
    public async Task StartAsync_BadDevices_NamesBothBeforeAnythingIsOpened()
    {
        using var folder = new TestDirectory();
        var options = new StudioEngineOptions { DataDirectory = folder.File("data"), Device = "cpu,tpu", ClientDevice = "cpu,cpu" };
        var refusal = await Assert.ThrowsAsync<StudioException>(() => StudioEngine.StartAsync(options, NullLoggerFactory.Instance, Ct));
        Assert.Equal(["Device: Device 'tpu' is unknown; expected auto, cpu, cuda or cuda:N.", "ClientDevice: Device 'cpu,cpu' is unknown; expected auto, cpu, cuda or cuda:N."], refusal.Details);
        Assert.False(Directory.Exists(options.DataDirectory));
    }

    private static async Task<(string Device, long Bytes, string[] Answers)> AskAsync(DevicePlacement placement)
    {
        await using var rig = await ServingRig.CreateAsync(placement);
        var model = await rig.Models.LoadAsync(ServingRig.Starter, "float32", Ct);
        var adapter = await rig.Adapters.CreateAsync("a", new LoraSpec { Rank = 2, Alpha = 8 }, model.Id, ct: Ct);
        await ChangeAsync(rig, adapter.Id);
        var ledger = rig.Ledger.Snapshot();
        var request = new ChatRequest
        {
            ModelId = model.Id,
            Panes = [.. new string?[] { null, adapter.Id }.Select(id => new ChatPane(id, [new ChatMessage("user", "What do cats eat?")]))],
            Sampling = new SamplingSettings { Greedy = true, MaxNewTokens = 10 },
        };
        string[] answers = ["", ""];
        await foreach (var piece in rig.Chat.StreamAsync(request, Ct))
        {
            Assert.NotEqual(FinishReason.Error, piece.Finish);
            answers[piece.Pane] += piece.Text;
        }
        Assert.NotEqual(answers[0], answers[1]);
        return (Assert.Single(rig.Models.Loaded).Device, ledger.ByCategory[MemoryCategory.Base], answers);
    }

    // Values that act; saved, so that every later use of the adapter has them.
    private static async Task ChangeAsync(ServingRig rig, string id)
    {
        await using var lease = await rig.Pool.AcquireAsync(id, Ct);
        using (no_grad())
        using (var random = new Generator(3))
        using (lease.Instance.Write()) lease.Instance.Adapter.Parameters.Values.normal_(0, 0.1, random);
        rig.Adapters.Save(id, lease.Instance.Adapter, "starter", chat: null);
    }
}

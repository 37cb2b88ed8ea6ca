using System.Text.Json;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Models.Families;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;
using Studio.Tests.Serving;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Leaks;

/// <summary>One process, one copy of the base, however many clients use it.</summary>
public sealed class OneCopyTests : TensorTest
{
    private const int Hidden = 768, Blocks = 3;

    [Fact]
    public void PrivateBytes_FourTrainingClientsOnAMappedBase_GrowByTheAdaptersOnly()
    {
        using var folder = new TestDirectory();
        Write(folder.Root);
        using var model = BaseModel.Load("large", folder.Root, ScalarType.Float32, CPU);
        Assert.True(model.Bytes > 80_000_000, $"The base has {model.Bytes} bytes: too few to tell its copies from noise.");
        Train(model, clients: 1);
        long one = ProcessMemory.PrivateBytes(), bytesWithOne = model.Bytes;
        int mappings = OperatingSystem.IsLinux() ? ProcessMemory.Mappings(folder.File("model.safetensors")) : 1;
        Train(model, clients: 4, atRest: () =>
        {
            // A copy would be 90 MB a client. Four adapters with their moments and a step's buffers are a small part of one.
            Assert.InRange(ProcessMemory.PrivateBytes() - one, long.MinValue, model.Bytes / 3);
            Assert.Equal(bytesWithOne, model.Bytes);
            if (OperatingSystem.IsLinux()) Assert.Equal((1, 1), (mappings, ProcessMemory.Mappings(folder.File("model.safetensors"))));
        });
        // Nor did loading it cost a copy: the weights are the mapped file.
        using var parts = model.Layers.Weight(new LayerId(0, BaseProjection.Down)).ToDense();
        Assert.True(model.Bytes > new FileInfo(folder.File("model.safetensors")).Length * 0.9);
    }

    [Fact]
    public async Task Ledger_FourChatsWithAdapters_CountsTheBaseOnce()
    {
        await using var rig = await ServingRig.CreateAsync();
        var model = await rig.Models.LoadAsync(ServingRig.Starter, ct: TestContext.Current.CancellationToken);
        long alone = rig.Ledger.Snapshot().ByCategory[MemoryCategory.Base];
        Assert.Equal(rig.Models.Get(model.Id).Base.Bytes, alone);
        var leases = new List<Studio.Core.Serving.AdapterLease>();
        for (int i = 0; i < 4; i++)
        {
            var adapter = await rig.Adapters.CreateAsync($"a{i}", new LoraSpec { Rank = 2 }, model.Id, seed: i, TestContext.Current.CancellationToken);
            leases.Add(await rig.Pool.AcquireAsync(adapter.Id, TestContext.Current.CancellationToken));
        }
        var categories = rig.Ledger.Snapshot().ByCategory;
        Assert.Equal(alone, categories[MemoryCategory.Base]);
        Assert.Equal(leases.Sum(lease => lease.Instance.Adapter.Parameters.ValueBytes), categories[MemoryCategory.Adapter]);
        foreach (var lease in leases) await lease.DisposeAsync();
    }

    // A step of each client at once; then, with everything still attached, what the caller wants to look at.
    private static void Train(BaseModel model, int clients, Action? atRest = null)
    {
        var layers = Enumerable.Range(0, clients).Select(i => model.Executor.Attach(new ClientOptions { Name = $"run {i}" })).ToList();
        var adapters = layers.Select(_ => AdapterMethods.Build(new LoraSpec { Rank = 2 }, model.AdapterSite())).ToList();
        TestThread.RunTogether([.. Enumerable.Range(0, clients).Select(i => new Action(() => Step(model, layers[i], adapters[i])))]);
        atRest?.Invoke();
        foreach (var adapter in adapters) adapter.Dispose();
        foreach (var client in layers) client.Dispose();
    }

    private static void Step(BaseModel model, IBaseLayers layers, IAdapter adapter)
    {
        using (var random = new Generator(3)) adapter.Initialize(random);
        using var scope = NewDisposeScope();
        using var pass = layers.BeginPass(PassKind.Training);
        using var tape = new Studio.Core.Clients.SplitTape(layers);
        var context = Studio.Core.Clients.SplitContext.ForTraining(layers, model.Model.Modules, tape, adapter, random: null);
        var hidden = tape.Cut(model.Model.Forward(context, SequenceBatch.Of([1, 2, 3, 4, 5, 6])));
        hidden.sum().backward();
        tape.Backward();
        adapter.Parameters.CollectGradients();
        new Studio.Core.Training.FlatAdamW(new Studio.Core.Training.AdamWOptions()).Step(adapter.Parameters, 1e-3);
        adapter.Parameters.ReleaseGradients();
    }

    private static void Write(string folder)
    {
        var config = new
        {
            model_type = "llama",
            hidden_size = Hidden,
            num_hidden_layers = Blocks,
            num_attention_heads = 12,
            intermediate_size = 4 * Hidden,
            vocab_size = 256,
            max_position_embeddings = 64,
            torch_dtype = "float32",
        };
        string path = Path.Combine(folder, "config.json");
        File.WriteAllText(path, JsonSerializer.Serialize(config));
        var reader = ConfigReader.Open(path);
        var family = DecoderFamilies.For(reader);
        using var scope = NewDisposeScope();
        using var random = new Generator(1);
        SafeTensorsFile.Write(Path.Combine(folder, "model.safetensors"),
            [.. CheckpointTensors.Expected(family, family.ReadConfig(reader)).Select(entry => KeyValuePair.Create(entry.Key, randn(entry.Value, generator: random) * 0.02))]);
    }
}

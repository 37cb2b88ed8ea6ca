using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Core.Training;
using Studio.Tests.Support;
using Studio.Tests.Training;
using static TorchSharp.torch;

namespace Studio.Tests.Execution.Placement;

/// <summary>What one training pass and a few prompts give on a base, wherever it and its client are.</summary>
internal sealed record Answer(double Loss, float[] Gradients, float[][] Logits, ExecutorCounters Counters)
{
    /// <summary>On a thread of its own that works without helpers: bit equality holds between threads with as many of them.</summary>
    public static Answer Of(BaseModel model)
    {
        Answer? answer = null;
        TestThread.RunTogether(() =>
        {
            set_num_threads(1);
            Compute(model); // TorchScript functions (an expert's SwiGLU) are optimised at their second call and round differently from then on
            answer = Compute(model);
        });
        return answer!;
    }

    /// <summary>LoRA on every projection of the blocks, with both factors random, so that gradients flow into both.</summary>
    public static IAdapter Lora(BaseModel model, ulong seed)
    {
        var adapter = AdapterMethods.Build(new LoraSpec { Rank = 3, Alpha = 6 }, model.AdapterSite());
        using var random = new Generator(seed);
        using var grad = no_grad();
        adapter.Parameters.Values.normal_(0, 0.1, random);
        return adapter;
    }

    private static Answer Compute(BaseModel model)
    {
        using var adapter = Lora(model, seed: 4);
        using var random = new Generator(6);
        var samples = TestSamples.Make(4, model.Config.Vocabulary);
        double loss;
        ExecutorCounters counters;
        using (var layers = model.Attach(new ClientOptions { Name = "run", Device = model.ClientDevice }))
        {
            loss = new SampleLoss(model.ClientModel(), layers).Backpropagate(samples, adapter, random, SampleLoss.TrainedTokens(samples, adapter)).Mean;
            counters = model.Counters;
        }
        adapter.Parameters.CollectGradients();
        float[] gradients = adapter.Parameters.Gradients.ToFloatArray();
        adapter.Parameters.ReleaseGradients();
        return new Answer(loss, gradients, [.. OutputProbe.Logits(model, adapter, [[3, 1, 4, 1, 5], [9, 2, 6]])], counters);
    }
}

/// <summary>A fixture's folder; one of only two blocks gets a third, the second over again, so that it can be split in three.</summary>
internal sealed class ModelOfThreeBlocks : IDisposable
{
    private readonly DirectoryInfo? _own;

    public ModelOfThreeBlocks(string name)
    {
        Path = FixtureFolder.Model(name);
        using var checkpoint = Checkpoint.Open(Path);
        if (checkpoint.Config.Blocks > 2 || checkpoint.Config.EmbeddingWidth != checkpoint.Config.Hidden) return;
        _own = Directory.CreateTempSubdirectory("studio-three-");
        var names = checkpoint.TensorNames.SelectMany(tensor => tensor.Contains(".layers.1.", StringComparison.Ordinal)
            ? new[] { (To: tensor, From: tensor), (To: tensor.Replace(".layers.1.", ".layers.2.", StringComparison.Ordinal), From: tensor) }
            : [(To: tensor, From: tensor)]);
        SafeTensorsFile.Write(System.IO.Path.Combine(_own.FullName, "model.safetensors"),
            [.. names.Select(tensor => new TensorSource(tensor.To, checkpoint.TypeOf(tensor.From), [.. checkpoint.ShapeOf(tensor.From)], () => checkpoint.Map(tensor.From)))]);
        string config = File.ReadAllText(System.IO.Path.Combine(Path, "config.json"));
        File.WriteAllText(System.IO.Path.Combine(_own.FullName, "config.json"), System.Text.RegularExpressions.Regex.Replace(config, "(\"num_hidden_layers\": *)2", "${1}3"));
        Path = _own.FullName;
    }

    public string Path { get; }

    public void Dispose() => _own?.Delete(recursive: true);
}

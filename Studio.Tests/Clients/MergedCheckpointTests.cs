using System.Text.Json;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Tests.Adapters.Conformance;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Clients;

public sealed class MergedCheckpointTests : TensorTest
{
    private readonly TestDirectory _folder = new();

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    [InlineData("gpt2_hub_nobaseprefix")]
    [InlineData("gemma2")]
    [InlineData("phi3")]
    [InlineData("mixtral")]
    [InlineData("gpt_oss")]
    [InlineData("bloom")]
    [InlineData("stablelm_12b_style")]
    public void Write_LoraOnEverything_ReloadedAnswersAsTheAdapter(string name)
    {
        using var model = new FixtureModel(name);
        using var adapter = ConformanceCases.Trained("lora", model);
        MergedCheckpoint.Write(FixtureFolder.Model(name), adapter, _folder.Root);
        using var merged = new FolderModel(_folder.Root);
        // A checkpoint in half precision stores the merged weights rounded.
        double allowed = merged.IsHalf ? 0.05 : 5e-4;
        Assert.InRange(ConformancePasses.LargestDifference(ConformancePasses.Logits(merged, null), ConformancePasses.Logits(model, adapter)), 0, allowed);
        Assert.True(ConformancePasses.LargestDifference(ConformancePasses.Logits(model, null), ConformancePasses.Logits(model, adapter)) > 1e-3);
    }

    [Theory]
    [InlineData("gpt2", "lm_head")]
    [InlineData("gemma2", "embed_tokens")]
    public void Write_OneSideOfATiedHeadChanged_UntiesIt(string name, string module)
    {
        using var model = new FixtureModel(name);
        Assert.True(model.Config.TiedHead);
        using var adapter = AdapterMethods.Build(new LoraSpec { Rank = 2, ModulesToSave = [module] }, model.Site);
        using (var random = new Generator(3))
        {
            adapter.Initialize(random);
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            adapter.Parameters.Values.add_(randn([adapter.Parameters.Count], generator: random) * 0.05);
        }
        MergedCheckpoint.Write(FixtureFolder.Model(name), adapter, _folder.Root);
        using var merged = new FolderModel(_folder.Root);
        Assert.False(merged.Config.TiedHead);
        Assert.InRange(ConformancePasses.LargestDifference(ConformancePasses.Logits(merged, null), ConformancePasses.Logits(model, adapter)), 0, 5e-4);
    }

    [Fact]
    public void Write_HalfPrecisionBase_KeepsItsTypeAndNames()
    {
        string source = _folder.File("bf16"), target = _folder.File("merged");
        Directory.CreateDirectory(source);
        Directory.CreateDirectory(target);
        File.Copy(Path.Combine(FixtureFolder.Model("llama"), "config.json"), Path.Combine(source, "config.json"));
        using (var original = Checkpoint.Open(FixtureFolder.Model("llama")))
        {
            SafeTensorsFile.Write(Path.Combine(source, "model.safetensors"), [.. original.TensorNames.Select(name => new TensorSource(name, ScalarType.BFloat16, [.. original.ShapeOf(name)], () =>
            {
                using var stored = original.Map(name);
                return stored.to(ScalarType.BFloat16).Owned();
            }))]);
        }
        using var model = new FixtureModel("llama");
        using var adapter = ConformanceCases.Trained("lora", model);
        MergedCheckpoint.Write(source, adapter, target);
        using var merged = Checkpoint.Open(target);
        using var before = Checkpoint.Open(source);
        Assert.Equal(before.TensorNames.Order(StringComparer.Ordinal), merged.TensorNames.Order(StringComparer.Ordinal));
        Assert.All(merged.TensorNames, name => Assert.Equal(ScalarType.BFloat16, merged.TypeOf(name)));
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(target, "config.json")));
        Assert.Equal("llama", config.RootElement.GetProperty("model_type").GetString());
    }

    [Fact]
    public void Write_Cancelled_StopsBetweenTensors()
    {
        using var model = new FixtureModel("llama");
        using var adapter = ConformanceCases.Trained("lora", model);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => MergedCheckpoint.Write(FixtureFolder.Model("llama"), adapter, _folder.Root, ct: stop.Token));
    }

    protected override void Release() => _folder.Dispose();
}

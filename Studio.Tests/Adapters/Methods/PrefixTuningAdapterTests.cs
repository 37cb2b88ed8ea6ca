using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Tensors;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

/// <summary>Prefix tuning against PEFT, finite differences and its layout.</summary>
public sealed class PrefixTuningAdapterTests : TensorTest
{
    private static PrefixTuningSpec Plain { get; } = new() { VirtualTokens = 3 };

    private static PrefixTuningSpec Projected { get; } = new() { VirtualTokens = 3, Projection = true, EncoderWidth = 7 };

    [Fact]
    public void Fixtures_OfPeft_Agree() => MethodChecks.AgreesWithPeft("*/prefix_tuning*");

    [Fact]
    public void Training_RecordedByPeft_IsRepeated() => MethodChecks.RepeatsPeftsTraining("*__prefix_tuning");

    [Theory]
    [InlineData("llama", "prefix_tuning")]
    [InlineData("llama", "prefix_tuning_projection")]
    [InlineData("qwen3", "prefix_tuning")]
    [InlineData("gpt2", "prefix_tuning")]
    public void Folder_OfPeft_RoundTrips(string family, string name) => MethodChecks.RoundTripsPeftsFolder(family, name);

    [Fact]
    public void Adapter_OnTinyModel_HoldsTheContract()
    {
        foreach (var spec in new[] { Plain, Projected })
        {
            MethodChecks.HasTheSlopesOfTheLoss(spec);
            MethodChecks.TrainsInBf16(spec);
            MethodChecks.SavesAndLoads(spec);
        }
    }

    [Fact]
    public void Prefix_OfABlock_LiesInPeftsOrder()
    {
        using var model = new TinyModel();
        using var adapter = MethodChecks.Randomized(Plain, model.Site);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var pass = new AdapterPass(training: false, random: null, cut: x => x);
        adapter.BeginPass(pass);
        var (keys, values) = adapter.Prefix(1, pass);
        float[] stored = adapter.Parameters["prompt_embeddings"].ToFloatArray(); // [3, block, (key, value), kv_head, head_dim] = [3, 2, 2, 2, 6]
        Assert.Equal(stored[48 + 24 + 7], keys[1, 1, 1].item<float>());
        Assert.Equal(stored[2 * 48 + 24 + 12 + 4], values[2, 0, 4].item<float>());
    }

    [Fact]
    public void Save_OfTheTrainingForm_KeepsTheNetworkBesideWhatPeftStores()
    {
        using var folder = new TestDirectory();
        using var model = new TinyModel();
        using var adapter = MethodChecks.Randomized(Projected, model.Site);
        PeftFormat.Save(adapter, folder.Root, "tiny");
        Assert.Equal([PeftFormat.ConfigFile, PeftFormat.WeightsFile, PeftFormat.ContinuationFile], folder.Entries);
        using (var stored = SafeTensorsFile.Open(folder.File(PeftFormat.WeightsFile)))
        {
            Assert.Equal(["prompt_embeddings"], stored.Header.Tensors.Keys);
            Assert.Equal([3, 48], stored.Header.Tensors["prompt_embeddings"].Shape);
        }

        File.Delete(folder.File(PeftFormat.ContinuationFile));
        using var plain = PeftFormat.Load(folder.Root, model.Site);
        Assert.True(((PrefixTuningSpec)plain.Spec).IsPlain);
        Assert.Equal(["prompt_embeddings"], plain.Parameters.Entries.Select(entry => entry.Name));
        Assert.Equal(TestTraining.Loss(model, adapter), TestTraining.Loss(model, plain), 1e-6);
    }

    [Theory]
    [InlineData("num_layers", 5, "its num_layers is 5, this base model needs 2")]
    [InlineData("num_attention_heads", 4, "its num_attention_heads is 4, this base model needs 2")]
    [InlineData("token_dim", 24, "its token_dim is 24, this base model needs 12")]
    public void Note_OfAnotherModel_IsRefused(string key, int value, string message)
    {
        using var model = new TinyModel();
        var spec = key switch { "num_layers" => Plain with { Layers = value }, "num_attention_heads" => Plain with { AttentionHeads = value }, _ => Plain with { TokenWidth = value } };
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => AdapterMethods.Build(spec, model.Site)).Message, StringComparison.Ordinal);
    }
}

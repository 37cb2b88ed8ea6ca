using System.Text.Json;
using System.Text.Json.Nodes;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Models;

/// <summary>What a checkpoint folder may look like, and what is refused with which words.</summary>
public sealed class CheckpointTests : TensorTest
{
    private const string Source = "llama3_rope_tied";

    private readonly TestDirectory _directory = new();

    protected override void Release() => _directory.Dispose();

    [Fact]
    public void Open_TensorsMissingExtraAndMisShaped_RefusesWithAllOfThem()
    {
        string folder = Changed(tensors =>
        {
            Remove(tensors, "model.norm.weight");
            tensors["model.layers.0.mlp.surprise.weight"] = zeros(2).DetachFromDisposeScope();
            Replace(tensors, "model.layers.1.mlp.up_proj.weight", weight => weight.t().contiguous());
            Replace(tensors, "model.layers.0.mlp.up_proj.weight", weight => weight.to(ScalarType.Int32));
        });
        string message = Assert.Throws<InvalidDataException>(() => Checkpoint.Open(folder)).Message;
        Assert.Contains("model.norm.weight is missing", message, StringComparison.Ordinal);
        Assert.Contains("model.layers.0.mlp.surprise.weight is not part of a llama model", message, StringComparison.Ordinal);
        Assert.Contains("model.layers.1.mlp.up_proj.weight has shape [32, 64], the config asks for [64, 32]", message, StringComparison.Ordinal);
        Assert.Contains("model.layers.0.mlp.up_proj.weight is of type I32, expected F32, F16 or BF16", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.NaN, ScalarType.BFloat16)]
    [InlineData(double.PositiveInfinity, ScalarType.Float16)]
    [InlineData(double.NegativeInfinity, ScalarType.Float32)]
    public void Load_ValuesThatAreNotFinite_RefusesWithTheTensors(double value, ScalarType type)
    {
        string folder = Changed(tensors =>
        {
            foreach (string name in tensors.Keys.ToList()) Replace(tensors, name, weight => weight.to(type));
            foreach (string name in new[] { "model.layers.1.self_attn.q_proj.weight", "model.norm.weight" })
                Replace(tensors, name, weight =>
                {
                    var changed = weight.clone();
                    using var last = changed.view(-1)[-1];
                    last.fill_(value);
                    return changed;
                });
        });
        string message = Assert.Throws<InvalidDataException>(() => BaseModel.Load("m", folder, ScalarType.Float32, CPU)).Message;
        Assert.Contains("model.layers.1.self_attn.q_proj.weight", message, StringComparison.Ordinal);
        Assert.Contains("model.norm.weight", message, StringComparison.Ordinal);
        Assert.DoesNotContain("embed_tokens", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Load_AnyStoredType_HoldsTheSameValues(ScalarType type)
    {
        // The file holds bf16: the other types can hold its values exactly, or nearly (fp16).
        string folder = Changed(tensors =>
        {
            foreach (string name in tensors.Keys.ToList()) Replace(tensors, name, weight => weight.to(type));
        });
        Assert.InRange(LargestDifference(folder), 0, type == ScalarType.Float16 ? 1e-4 : 0);
    }

    [Fact]
    public void Load_WithoutTheBasePrefixAndWithAStoredTiedHead_HoldsTheSameValues()
    {
        string folder = Changed(tensors =>
        {
            tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"].clone().DetachFromDisposeScope();
            foreach (string name in tensors.Keys.Where(name => name.StartsWith("model.", StringComparison.Ordinal)).ToList())
            {
                tensors[name["model.".Length..]] = tensors[name];
                tensors.Remove(name);
            }
        });
        Assert.Equal(0, LargestDifference(folder));
    }

    [Fact]
    public void Load_ShardsWithAnIndex_HoldsTheSameValues()
    {
        string folder = Changed(_ => { });
        using (var file = SafeTensorsFile.Open(Path.Combine(folder, "model.safetensors")))
        {
            var all = file.ReadAll();
            var map = new JsonObject();
            foreach (var (shard, number) in all.OrderBy(entry => entry.Key, StringComparer.Ordinal).Chunk(6).Select((shard, i) => (shard, i)))
            {
                string name = $"model-{number}.safetensors";
                SafeTensorsFile.Write(Path.Combine(folder, name), shard);
                foreach (var (tensor, _) in shard) map[tensor] = name;
            }
            File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), new JsonObject { ["weight_map"] = map }.ToJsonString());
            foreach (var tensor in all.Values) tensor.Dispose();
        }
        File.Delete(Path.Combine(folder, "model.safetensors"));
        Assert.Equal(0, LargestDifference(folder));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Load_MappedOrConverted_ReportsProgressUpToTheEnd(ScalarType type)
    {
        var reports = new List<double>();
        using var model = BaseModel.Load("m", FixtureFolder.Model(Source), type, CPU, progress: new Recorder(reports.Add));
        Assert.Equal(reports.Order(), reports);
        Assert.Equal(1, reports[^1], 12);
    }

    [Fact]
    public void Load_CancelledOnTheWay_EndsAndLeavesNothing()
    {
        using var over = new CancellationTokenSource();
        var progress = new Recorder(done =>
        {
            if (done > 0.5) over.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => BaseModel.Load("m", FixtureFolder.Model(Source), ScalarType.Float32, CPU, progress: progress, ct: over.Token));
    }

    [Fact]
    public void Open_UnknownFamily_NamesItWhatIsSupportedAndWhatIsNew()
    {
        string folder = Changed(_ => { }, config =>
        {
            config["model_type"] = "mamba2";
            config["state_size"] = 16;
        });
        string message = Assert.Throws<NotSupportedException>(() => Checkpoint.Open(folder)).Message;
        Assert.Contains("'mamba2' is not supported; supported are bloom, ", message, StringComparison.Ordinal);
        Assert.Contains("unknown in its config: state_size", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("llama", "hidden_act", "\"mish\"", "hidden_act is 'mish'; expected silu")]
    [InlineData("llama", "rope_scaling", "{\"rope_type\":\"spiral\"}", "rope_type is 'spiral'; expected default, linear")]
    [InlineData("llama", "quantization_config", "{\"quant_method\":\"gptq\"}", "quantization_config is 'gptq'; expected none")]
    [InlineData("llama", "num_key_value_heads", "3", "num_key_value_heads is 3; expected a divisor of the 4")]
    [InlineData("llama", "num_hidden_layers", "2000000000", "num_hidden_layers is 2000000000; expected at most")]
    [InlineData("gpt2", "n_head", "\"four\"", "n_head is four; expected a whole number")]
    [InlineData("qwen3", "layer_types", "[\"full_attention\",\"chunked_attention\"]", "layer_types is 'chunked_attention'; expected full_attention or sliding_attention")]
    [InlineData("phi3_longrope", "rope_scaling", "{\"type\":\"longrope\",\"long_factor\":[1.0],\"short_factor\":[1.0,1.1,1.2]}", "long_factor is a list of 1; expected 3 numbers")]
    [InlineData("bloom", "apply_residual_connection_post_layernorm", "true", "apply_residual_connection_post_layernorm is True; expected false")]
    [InlineData("mpt", "no_bias", "false", "no_bias is False; expected true")]
    [InlineData("gpt_oss", "swiglu_limit", "5.0", "swiglu_limit is 5.0; expected 7.0")]
    [InlineData("mixtral", "num_experts_per_tok", "5", "num_experts_per_tok is 5; expected 1 to the 4 experts")]
    [InlineData("gpt_neo", "attention_types", "[[[\"global\",\"sparse\"],1]]", "attention_types is 'sparse'; expected global or local")]
    public void Open_KnownFamilyWithAnUnknownValue_NamesKeyValueAndWhatIsSupported(string model, string key, string value, string expected)
    {
        string folder = Changed(_ => { }, config => config[key] = JsonNode.Parse(value), model);
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => Checkpoint.Open(folder)).Message, StringComparison.Ordinal);
    }

    private string Changed(Action<Dictionary<string, Tensor>> change, Action<JsonObject>? configure = null, string model = Source)
    {
        using var scope = NewDisposeScope();
        string folder = _directory.File("model");
        Directory.CreateDirectory(folder);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(FixtureFolder.Model(model), "config.json")))!.AsObject();
        configure?.Invoke(config);
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString(JsonSerializerOptions.Default));
        using var file = SafeTensorsFile.Open(Path.Combine(FixtureFolder.Model(model), "model.safetensors"));
        var tensors = file.ReadAll();
        change(tensors);
        SafeTensorsFile.Write(Path.Combine(folder, "model.safetensors"), [.. tensors]);
        foreach (var tensor in tensors.Values) tensor.Dispose();
        return folder;
    }

    private static void Remove(Dictionary<string, Tensor> tensors, string name)
    {
        tensors[name].Dispose();
        tensors.Remove(name);
    }

    private static void Replace(Dictionary<string, Tensor> tensors, string name, Func<Tensor, Tensor> change)
    {
        var changed = change(tensors[name]).DetachFromDisposeScope();
        if (!ReferenceEquals(changed, tensors[name])) tensors[name].Dispose();
        tensors[name] = changed;
    }

    // Over all weights, in fp32, against the fixture.
    private static double LargestDifference(string folder)
    {
        using var changed = BaseModel.Load("a", folder, ScalarType.Float32, CPU);
        using var original = BaseModel.Load("b", FixtureFolder.Model(Source), ScalarType.Float32, CPU);
        double largest = 0;
        foreach (var layer in original.Config.WeightLayers())
        {
            using var scope = NewDisposeScope();
            largest = Math.Max(largest, (changed.Layers.Weight(layer).ToDense() - original.Layers.Weight(layer).ToDense()).abs().max().item<float>());
        }
        return largest;
    }

    private sealed class Recorder(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}

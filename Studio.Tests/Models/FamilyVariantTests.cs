using System.Text.Json.Nodes;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Models.Families;
using Studio.Core.Tensors;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Models;

/// <summary>
/// Config values that no reference model has: random weights of the shapes that the config asks for load, gradients over the split tape equal
/// those of one uncut graph, and decode over a cache equals the whole forward.
/// </summary>
public sealed class FamilyVariantTests : TensorTest
{
    private static readonly int[] Ids = [.. Enumerable.Range(0, 21).Select(i => (i * 53 + i * i) % 250)];
    private readonly TestDirectory _directory = new();

    protected override void Release() => _directory.Dispose();

    [Theory]
    [InlineData("phi", """{"qk_layernorm":true,"num_key_value_heads":2}""")]
    [InlineData("phi3", """{"partial_rotary_factor":0.5,"tie_word_embeddings":true,"sliding_window":null}""")]
    [InlineData("gpt_bigcode", """{"multi_query":false,"n_inner":null}""")]
    [InlineData("gpt2", """{"scale_attn_weights":false,"tie_word_embeddings":false,"activation_function":"relu"}""")]
    [InlineData("gptj", """{"tie_word_embeddings":true,"rotary_dim":8}""")]
    [InlineData("codegen", """{"n_embd":64,"n_head":8}""")]
    [InlineData("gpt_neox", """{"attention_bias":false,"rotary_pct":1.0}""")]
    [InlineData("bloom", """{"n_embed":48,"hidden_size":48,"n_head":6,"num_attention_heads":6}""")]
    [InlineData("mpt", """{"d_model":48,"n_heads":6,"expansion_ratio":2,"attn_config":{"alibi":true,"clip_qkv":0.5,"softmax_scale":0.3,"alibi_bias_max":4}}""")]
    [InlineData("falcon_rw_style", """{"hidden_size":48,"num_attention_heads":6}""")]
    [InlineData("falcon_7b_style", """{"multi_query":false,"bias":true}""")]
    [InlineData("falcon_7b_style", """{"parallel_attn":false}""")]
    [InlineData("opt", """{"enable_bias":false,"layer_norm_elementwise_affine":false}""")]
    [InlineData("opt", """{"_remove_final_layer_norm":true,"word_embed_proj_dim":24}""")]
    [InlineData("qwen2_moe", """{"decoder_sparse_step":2,"norm_topk_prob":true}""")]
    [InlineData("qwen3_moe", """{"mlp_only_layers":[1],"use_sliding_window":true,"sliding_window":6,"attention_bias":true}""")]
    [InlineData("mixtral", """{"sliding_window":6,"num_experts_per_tok":4,"tie_word_embeddings":true}""")]
    [InlineData("olmoe", """{"clip_qkv":0.3,"norm_topk_prob":true,"num_experts_per_tok":1}""")]
    [InlineData("gpt_oss", """{"attention_bias":false,"num_local_experts":3}""")]
    [InlineData("granitemoe", """{"attention_bias":true,"num_local_experts":5}""")]
    [InlineData("granite", """{"attention_bias":true,"mlp_bias":true,"tie_word_embeddings":false}""")]
    [InlineData("smollm3", """{"use_sliding_window":true,"sliding_window":6,"no_rope_layers":null,"no_rope_layer_interval":2}""")]
    [InlineData("cohere_qknorm", """{"attention_bias":true,"tie_word_embeddings":false}""")]
    [InlineData("stablelm_12b_style", """{"use_parallel_residual":false,"use_qkv_bias":true,"partial_rotary_factor":1.0}""")]
    [InlineData("starcoder2", """{"use_bias":false,"tie_word_embeddings":false,"sliding_window":null}""")]
    [InlineData("gemma2", """{"attn_logit_softcapping":null,"final_logit_softcapping":null,"attention_bias":true}""")]
    [InlineData("gemma3_text", """{"final_logit_softcapping":3.0,"sliding_window_pattern":2,"rope_scaling":null}""")]
    [InlineData("exaone4", """{"sliding_window":null,"layer_types":null}""")]
    [InlineData("exaone4", """{"layer_types":null,"sliding_window":6}""")]
    [InlineData("olmo3", """{"rope_scaling":{"rope_type":"yarn","factor":2.0,"attention_factor":1.2,"beta_fast":16},"layer_types":null}""")]
    [InlineData("ernie4_5", """{"use_bias":true}""")]
    [InlineData("seed_oss", """{"attention_out_bias":true,"mlp_bias":true}""")]
    [InlineData("nemotron", """{"attention_bias":true,"mlp_bias":true,"hidden_act":"quick_gelu"}""")]
    [InlineData("llama_yarn", """{"rope_scaling":{"rope_type":"yarn","factor":8.0,"mscale":0.7,"mscale_all_dim":1.1}}""")]
    public void Variant_RandomWeights_TapeEqualsOneGraphAndCacheEqualsWhole(string name, string changes)
    {
        using var model = BaseModel.Load("variant", RandomCheckpoint(name, changes), ScalarType.Float32, CPU);
        using var layers = new DirectBaseLayers(model.Layers);
        using var adapter = AdapterMethods.Build(new LoraSpec { Rank = 2 }, model.AdapterSite());
        using (var random = new Generator(5))
        using (var grad = no_grad())
            foreach (var entry in adapter.Parameters.Entries) adapter.Parameters[entry.Name].normal_(0, 0.2, random);

        var (splitLoss, split) = Split(model, layers, adapter);
        var (wholeLoss, whole) = Whole(model, adapter);
        Assert.Equal(wholeLoss, splitLoss, 1e-4);
        Assert.Contains(whole, value => Math.Abs(value) > 1e-4);
        double largest = whole.Max(value => Math.Abs(value));
        Assert.InRange(whole.Zip(split, (a, b) => Math.Abs(a - b)).Max(), 0, 1e-4 * largest + 1e-6);

        float[] once = LastLogits(model, layers, adapter, Ids.Length), decoded = LastLogits(model, layers, adapter, 1);
        Assert.InRange(once.Zip(decoded, (a, b) => Math.Abs(a - b)).Max(), 0, 2e-4);
    }

    private string RandomCheckpoint(string name, string changes)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(11);
        string folder = _directory.File("model");
        Directory.CreateDirectory(folder);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(FixtureFolder.Model(name), "config.json")))!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(changes)!.AsObject()) config[key] = value?.DeepClone();
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString());
        var reader = ConfigReader.Open(Path.Combine(folder, "config.json"));
        var family = DecoderFamilies.For(reader);
        SafeTensorsFile.Write(Path.Combine(folder, "model.safetensors"), [.. CheckpointTensors.Expected(family, family.ReadConfig(reader))
            .Select(entry => KeyValuePair.Create(entry.Key, randn(entry.Value, generator: random) * 0.3 + (entry.Value.Length == 1 ? 0.5 : 0)))]);
        return folder;
    }

    private static (double Loss, float[] Gradients) Split(BaseModel model, DirectBaseLayers layers, IAdapter adapter)
    {
        using var scope = NewDisposeScope();
        using var tape = new SplitTape(layers);
        var context = SplitContext.ForTraining(layers, model.Model.Modules, tape, adapter, random: null);
        var loss = LossOf(model, context, tape.Cut(model.Model.Forward(context, SequenceBatch.Of(Ids[..13], Ids[13..]))));
        loss.backward();
        tape.Backward();
        return (loss.item<float>(), Collected(adapter));
    }

    private static (double Loss, float[] Gradients) Whole(BaseModel model, IAdapter adapter)
    {
        using var scope = NewDisposeScope();
        var weights = model.Config.WeightLayers().ToDictionary(layer => layer, layer => new LinearWeights(model.Layers.Weight(layer).ToDense(), model.Layers.Weight(layer).ToDenseBias()));
        var context = new AutogradContext(model.Model, layer => weights[layer], adapter: adapter);
        var loss = LossOf(model, context, model.Model.Forward(context, SequenceBatch.Of(Ids[..13], Ids[13..])));
        loss.backward();
        return (loss.item<float>(), Collected(adapter));
    }

    private static Tensor LossOf(BaseModel model, AdaptedContext context, Tensor hidden)
    {
        var logits = model.Model.Logits(context, hidden, [new RowSpan(0, Ids.Length, 0)]);
        return nn.functional.cross_entropy(logits, tensor(Ids.Select(id => (long)(id + 1)).ToArray()));
    }

    private static float[] Collected(IAdapter adapter)
    {
        adapter.Parameters.CollectGradients();
        var gradients = adapter.Parameters.Gradients.ToFloatArray();
        adapter.Parameters.ReleaseGradients();
        return gradients;
    }

    private static float[] LastLogits(BaseModel model, DirectBaseLayers layers, IAdapter adapter, int size)
    {
        using var cache = new KeyValueCache(model.Config, ScalarType.Float32, CPU);
        float[] logits = [];
        foreach (int[] piece in Ids.Chunk(size))
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var context = SplitContext.ForInference(layers, model.Model.Modules, [adapter]);
            var hidden = model.Model.Forward(context, new SequenceBatch([new SequenceInput(piece, cache)]));
            logits = model.Model.Logits(context, hidden.narrow(0, hidden.size(0) - 1, 1), [new RowSpan(0, 1, 0)]).ToFloatArray();
        }
        return logits;
    }
}

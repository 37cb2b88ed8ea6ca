using System.Text.Json;

namespace Studio.Core.Models.Families;

/// <summary>GPT-Neo: GPT-2 with a window in every other block and unscaled scores (transformers: <c>modeling_gpt_neo.py</c>).</summary>
public static class GptNeoFamily
{
    private const string Defaults = """
        { "vocab_size": 50257, "hidden_size": 2048, "num_hidden_layers": 24, "num_attention_heads": 16, "max_position_embeddings": 2048,
          "layer_norm_epsilon": 1e-5, "hidden_act": "gelu_new", "window_size": 256, "tie_word_embeddings": true, "bos_token_id": 50256, "eos_token_id": 50256 }
        """;

    /// <summary>The descriptor.</summary>
    public static DecoderFamily Create() => new()
    {
        ModelType = "gpt_neo",
        Defaults = Defaults,
        Aliases = new Dictionary<string, string>
        {
            ["num_layers"] = "num_hidden_layers",
            ["num_heads"] = "num_attention_heads",
            ["activation_function"] = "hidden_act",
        },
        Read = Read,
        BasePrefix = "transformer.",
        BlockPrefix = "transformer.h.{0}",
        Modules = new Dictionary<BaseProjection, ModuleSpec>
        {
            [BaseProjection.Embedding] = "transformer.wte",
            [BaseProjection.Query] = "attn.attention.q_proj",
            [BaseProjection.Key] = "attn.attention.k_proj",
            [BaseProjection.Value] = "attn.attention.v_proj",
            [BaseProjection.AttentionOutput] = "attn.attention.out_proj",
            [BaseProjection.Up] = "mlp.c_fc",
            [BaseProjection.Down] = "mlp.c_proj",
            [BaseProjection.Head] = "lm_head",
        },
        Norms = new Dictionary<NormRole, string>
        {
            [NormRole.AttentionInput] = "ln_1",
            [NormRole.MlpInput] = "ln_2",
            [NormRole.Final] = "transformer.ln_f",
        },
        PositionTable = "transformer.wpe",
        Ignored = [".attn.attention.bias", ".attn.attention.masked_bias"],
    };

    private static DecoderConfig Read(ConfigReader config)
    {
        var model = Gpt2Family.Shared(config) with { QueryKeyValueBias = false, AttentionScale = 1 };
        var kinds = Kinds(config, model.Blocks);
        return model.WithWindow(config.Positive("window_size"), [.. kinds.Select(kind => kind switch
        {
            "local" => true,
            "global" => false,
            _ => throw config.Wrong("attention_types", $"'{kind}'", "global or local"),
        })]);
    }

    // One name per layer, or pairs of names and how often they repeat: [[["global", "local"], 12]].
    private static List<string> Kinds(ConfigReader config, int blocks)
    {
        var listed = config.Texts("attention_layers").ToList();
        if (listed.Count == 0 && config.Raw("attention_types") is { ValueKind: JsonValueKind.Array } types)
        {
            foreach (var pair in types.EnumerateArray())
            {
                if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2 || pair[0].ValueKind != JsonValueKind.Array
                    || pair[1].ValueKind != JsonValueKind.Number || !pair[1].TryGetInt32(out int times) || times < 0 || times > blocks)
                    throw config.Wrong("attention_types", pair, "pairs of a list of names and how often it repeats");
                for (int i = 0; i < times && listed.Count <= blocks; i++) listed.AddRange(pair[0].EnumerateArray().Select(kind => kind.ToString()));
            }
        }
        if (listed.Count == 0) listed.AddRange(Enumerable.Range(0, blocks).Select(i => i % 2 == 0 ? "global" : "local"));
        return listed.Count == blocks ? listed : throw config.Wrong("attention_types", $"a list of {listed.Count}", $"one entry for each of the {blocks} layers");
    }
}

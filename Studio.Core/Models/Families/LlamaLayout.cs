namespace Studio.Core.Models.Families;

/// <summary>The names and config keys that most families took over from Llama.</summary>
internal static class LlamaLayout
{
    /// <summary>Prefix of a block.</summary>
    public const string BlockPrefix = "model.layers.{0}";

    /// <summary>Buffers of old files.</summary>
    public static IReadOnlyList<string> Ignored { get; } = ["rotary_emb.inv_freq"];

    /// <summary>Module names.</summary>
    public static IReadOnlyDictionary<BaseProjection, ModuleSpec> Modules { get; } = new Dictionary<BaseProjection, ModuleSpec>
    {
        [BaseProjection.Embedding] = "model.embed_tokens",
        [BaseProjection.Query] = "self_attn.q_proj",
        [BaseProjection.Key] = "self_attn.k_proj",
        [BaseProjection.Value] = "self_attn.v_proj",
        [BaseProjection.AttentionOutput] = "self_attn.o_proj",
        [BaseProjection.Gate] = "mlp.gate_proj",
        [BaseProjection.Up] = "mlp.up_proj",
        [BaseProjection.Down] = "mlp.down_proj",
        [BaseProjection.Head] = "lm_head",
    };

    /// <summary>Norm names, those of queries and keys included.</summary>
    public static IReadOnlyDictionary<NormRole, string> Norms { get; } = new Dictionary<NormRole, string>
    {
        [NormRole.AttentionInput] = "input_layernorm",
        [NormRole.MlpInput] = "post_attention_layernorm",
        [NormRole.Query] = "self_attn.q_norm",
        [NormRole.Key] = "self_attn.k_norm",
        [NormRole.Final] = "model.norm",
    };

    /// <summary>A family with these names, some of them changed.</summary>
    public static DecoderFamily Family(string modelType, string defaults, Func<ConfigReader, DecoderConfig> read,
        Dictionary<BaseProjection, ModuleSpec>? modules = null, Dictionary<NormRole, string>? norms = null, string sinks = "") => new()
        {
            ModelType = modelType,
            Defaults = defaults,
            Read = read,
            BlockPrefix = BlockPrefix,
            Modules = Changed(Modules, modules),
            Norms = Changed(Norms, norms),
            Sinks = sinks,
            Ignored = Ignored,
        };

    /// <summary>Names of a mixture whose experts are stored one by one.</summary>
    public static Dictionary<BaseProjection, ModuleSpec> Experts(string router, string gate, string up, string down) => new()
    {
        [BaseProjection.Router] = new ModuleSpec(router) { IsModule = false },
        [BaseProjection.Gate] = gate,
        [BaseProjection.Up] = up,
        [BaseProjection.Down] = down,
    };

    /// <summary>Shapes and constants under Llama's keys; biases and whatever else a family adds are its own to read.</summary>
    public static DecoderConfig Read(ConfigReader config)
    {
        int hidden = config.Positive("hidden_size"), heads = ConfigChecks.Heads(config, "num_attention_heads"), context = config.Positive("max_position_embeddings");
        int headWidth = config.OptionalInt("head_dim") ?? hidden / heads;
        return new DecoderConfig
        {
            Family = "",
            Vocabulary = config.Positive("vocab_size"),
            Hidden = hidden,
            Blocks = ConfigChecks.Blocks(config, "num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = config.OptionalInt("num_key_value_heads") ?? heads,
            HeadWidth = headWidth,
            MlpWidth = config.Has("intermediate_size") ? config.Positive("intermediate_size") : checked(4 * hidden),
            ContextLength = context,
            AttentionScale = 1 / Math.Sqrt(headWidth),
            Activation = config.Has("hidden_act") ? ConfigValues.Activation(config, "hidden_act") : Activation.Silu,
            NormEpsilon = config.Number("rms_norm_eps", 1e-6),
            Rotary = RotaryValues.Read(config, headWidth, context),
            TiedHead = config.Flag("tie_word_embeddings", false),
            StoredType = ConfigValues.StoredType(config),
            BosId = config.OptionalInt("bos_token_id"),
            EosIds = config.Ints("eos_token_id"),
        };
    }

    private static Dictionary<TKey, TValue> Changed<TKey, TValue>(IReadOnlyDictionary<TKey, TValue> names, IReadOnlyDictionary<TKey, TValue>? changes)
        where TKey : notnull
    {
        var all = names.ToDictionary();
        foreach (var (key, value) in changes ?? new Dictionary<TKey, TValue>()) all[key] = value;
        return all;
    }
}

using System.Text.Json;
using Studio.Core.Models;
using Studio.Core.Models.Families;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>Shapes of well-known small models; their weights are random.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Blocks">Blocks of the whole model.</param>
/// <param name="Config">The rest of its config.json.</param>
internal sealed record NamedShape(string Name, int Blocks, IReadOnlyDictionary<string, object> Config)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<NamedShape> All { get; } =
    [
        Of("smollm-135m", "llama", blocks: 30, hidden: 576, heads: 9, keyValueHeads: 3, mlp: 1536, vocabulary: 49152),
        Of("qwen-0.5b", "qwen2", blocks: 24, hidden: 896, heads: 14, keyValueHeads: 2, mlp: 4864, vocabulary: 151936),
        Of("llama-1b", "llama", blocks: 16, hidden: 2048, heads: 32, keyValueHeads: 8, mlp: 8192, vocabulary: 128256),
    ];

    /// <summary>Nobody's: for runs that look for faults and not for speed.</summary>
    public static NamedShape Tiny { get; } = Of("tiny", "llama", blocks: 2, hidden: 48, heads: 4, keyValueHeads: 2, mlp: 96, vocabulary: 211);

    /// <summary>Writes a checkpoint of this shape with random weights, one tensor at a time.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="type">Type of the weights.</param>
    /// <param name="blocks">Blocks to write.</param>
    /// <param name="seed">The same seed gives the same weights.</param>
    public void Write(string folder, ScalarType type, int blocks, ulong seed)
    {
        string path = Path.Combine(folder, "config.json");
        File.WriteAllText(path, JsonSerializer.Serialize(Config.Append(KeyValuePair.Create<string, object>("num_hidden_layers", blocks)).ToDictionary()));
        var reader = ConfigReader.Open(path);
        var family = DecoderFamilies.For(reader);
        using var random = new Generator(seed);
        SafeTensorsFile.Write(Path.Combine(folder, "model.safetensors"), [.. CheckpointTensors.Expected(family, family.ReadConfig(reader)).Select(entry => new TensorSource(entry.Key, type, entry.Value, () =>
        {
            using var scope = NewDisposeScope();
            // Norms near one, everything else small: activations stay in the range of real ones.
            var values = entry.Value.Length == 1 && entry.Key.Contains("norm", StringComparison.Ordinal) ? ones(entry.Value) : randn(entry.Value, generator: random) * 0.02;
            return values.to(type).Owned();
        }))]);
    }

    private static NamedShape Of(string name, string family, int blocks, int hidden, int heads, int keyValueHeads, int mlp, int vocabulary) => new(name, blocks, new Dictionary<string, object>
    {
        ["model_type"] = family,
        ["hidden_size"] = hidden,
        ["num_attention_heads"] = heads,
        ["num_key_value_heads"] = keyValueHeads,
        ["intermediate_size"] = mlp,
        ["vocab_size"] = vocabulary,
        ["max_position_embeddings"] = 4096,
        ["tie_word_embeddings"] = true,
    });
}

using System.Text.Json;
using Studio.Core.Models;
using Studio.Core.Models.Families;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>A Llama checkpoint of about a wanted size with random weights.</summary>
internal static class RandomCheckpoint
{
    private const int Hidden = 512, MlpWidth = 1408, Heads = 8, Vocabulary = 8192;
    private const long BlockParameters = 4L * Hidden * Hidden + 3L * Hidden * MlpWidth;

    /// <summary>Writes one; its embedding and head are a good part of it, as those of small models are.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="type">Type of the stored weights.</param>
    /// <param name="bytes">Wanted size; at least one block is written.</param>
    /// <param name="seed">The same seed gives the same weights.</param>
    public static void Write(string folder, ScalarType type, long bytes, ulong seed)
    {
        long blocks = Math.Max(1, (bytes / SafeTensorTypes.Bytes(type) - 2L * Vocabulary * Hidden) / BlockParameters);
        var config = new
        {
            model_type = "llama",
            hidden_size = Hidden,
            num_hidden_layers = blocks,
            num_attention_heads = Heads,
            intermediate_size = MlpWidth,
            vocab_size = Vocabulary,
            max_position_embeddings = 64,
        };
        string path = Path.Combine(folder, "config.json");
        File.WriteAllText(path, JsonSerializer.Serialize(config));
        var reader = ConfigReader.Open(path);
        var family = DecoderFamilies.For(reader);
        using var scope = NewDisposeScope();
        using var random = new Generator(seed);
        SafeTensorsFile.Write(Path.Combine(folder, "model.safetensors"),
            [.. CheckpointTensors.Expected(family, family.ReadConfig(reader)).Select(entry => KeyValuePair.Create(entry.Key, (randn(entry.Value, generator: random) * 0.02).to(type)))]);
    }
}

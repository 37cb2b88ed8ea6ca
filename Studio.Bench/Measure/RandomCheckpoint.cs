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
        var shape = new NamedShape("random", 1, new Dictionary<string, object>
        {
            ["model_type"] = "llama",
            ["hidden_size"] = Hidden,
            ["num_attention_heads"] = Heads,
            ["intermediate_size"] = MlpWidth,
            ["vocab_size"] = Vocabulary,
            ["max_position_embeddings"] = 64,
        });
        shape.Write(folder, type, (int)blocks, seed);
    }
}

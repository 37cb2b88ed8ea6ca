using Studio.Core.Models;
using Studio.Core.Training;
using TorchSharp;

namespace Studio.Core.Runs;

/// <summary>
/// An estimate of what a training step holds between its forward and its update: what split execution keeps of every block for the
/// backward (the inputs and outputs of norms, base calls, attention and activation), and the logits of one chunk of the loss.
/// </summary>
internal static class StepMemory
{
    // Logits, whose gradient takes their place, and a copy where something was computed from them.
    private const int LogitCopies = 2;

    // Norm inputs and outputs, both residual sums, attention and MLP outputs, and their cuts.
    private const int HiddenCopies = 10;

    // Outputs of the base call, and queries and keys after the rotation.
    private const int ProjectionCopies = 2;

    // Gate, up, the activated product and its cut.
    private const int InnerCopies = 4;

    /// <summary>Bytes for a micro-batch of so many tokens.</summary>
    /// <param name="config">The model.</param>
    /// <param name="computeType">Type of activations.</param>
    /// <param name="tokens">Tokens of the micro-batch.</param>
    /// <param name="checkpoints">Whether blocks keep their inputs alone: then one block at a time holds the rest.</param>
    public static long Bytes(DecoderConfig config, torch.ScalarType computeType, long tokens, bool checkpoints = false)
    {
        int element = computeType == torch.ScalarType.Float32 ? 4 : 2;
        long projected = (config.Heads + 2L * config.KeyValueHeads) * config.HeadWidth;
        long perRow = HiddenCopies * (long)config.Hidden + ProjectionCopies * projected + InnerCopies * config.InnerFeatures;
        long logits = Math.Min(tokens, SampleLoss.ChunkRowsFor(config.Vocabulary)) * config.Vocabulary * element * LogitCopies;
        long kept = checkpoints ? (long)config.Blocks * config.Hidden + perRow : config.Blocks * perRow;
        return tokens * kept * element + logits;
    }
}

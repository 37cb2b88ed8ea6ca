using Studio.Core.Models;
using Studio.Core.Training;
using TorchSharp;

namespace Studio.Core.Runs;

/// <summary>The largest micro-batch of a run.</summary>
/// <param name="Tokens">Rows of its forward, virtual tokens included.</param>
/// <param name="Longest">Rows of its longest sequence.</param>
public readonly record struct StepShape(long Tokens, long Longest);

/// <summary>What a step leaves to autograd, which keeps more than derivatives that are written out. Default: nothing.</summary>
/// <param name="Operations">Norms, activations and the loss: elsewhere than on the CPU.</param>
/// <param name="Updates">What the adapter adds to base calls: all but plain LoRA.</param>
/// <param name="Dropout">Whether inputs of the updates are dropped, each target's for itself.</param>
/// <param name="Attention">Attention also where its derivative could be written out: on processors without vectors of 512 bits.</param>
public readonly record struct RecordedParts(bool Operations, bool Updates, bool Dropout, bool Attention = false);

/// <summary>What a step holds beside values and moments, in bytes.</summary>
/// <param name="Gradients">Gradients of the adapter in fp32, and its tensors in the compute type.</param>
/// <param name="Activations">What the forward keeps for the backward, and what the backward needs beyond the logits' room.</param>
/// <param name="Logits">One chunk of the loss.</param>
public readonly record struct StepBytes(long Gradients, long Activations, long Logits);

/// <summary>
/// What a training step holds between its forward and its update, from the shapes alone: what the tape keeps of every block (docs/architecture.md, "Derivatives
/// written out"), the logits of one chunk of the loss, and the adapter's gradients. Made to err upward: <c>bench step-memory</c> holds it against measured peaks.
/// </summary>
public static class StepMemory
{
    // Outside the blocks: the embedding's output, the final norm's, the rows that are trained, their gradient, and one to spare.
    private const int RowsOutsideBlocks = 5;

    // Freed pieces that the allocator cannot use again at once (measured: 4 to 11 %).
    private const double Fragmentation = 1.12;

    // Factors of a call lie packed in one block-diagonal matrix until its backward: 1.5 times the adapter's elements for LoRA on q, k, v and gate, up.
    private const double AdapterCopies = 1.5;

    /// <summary>Bytes of a step.</summary>
    /// <param name="config">The base model.</param>
    /// <param name="computeType">Type of its activations.</param>
    /// <param name="shape">The micro-batch.</param>
    /// <param name="parameters">Trainable elements of the adapter.</param>
    /// <param name="recorded">What autograd records.</param>
    /// <param name="checkpointed">Whether blocks keep their input only and are computed again in the backward.</param>
    public static StepBytes Of(DecoderConfig config, torch.ScalarType computeType, StepShape shape, long parameters, RecordedParts recorded = default, bool checkpointed = false)
    {
        ArgumentNullException.ThrowIfNull(config);
        int element = computeType == torch.ScalarType.Float32 ? sizeof(float) : 2;
        long block = shape.Tokens * KeptPerRow(config, element, recorded) * element + Scores(config, shape) * element;
        long kept = checkpointed ? shape.Tokens * config.Blocks * config.Hidden * element + block : config.Blocks * block;
        kept += shape.Tokens * RowsOutsideBlocks * config.Hidden * element;
        long logits = Math.Min(shape.Tokens, SampleLoss.ChunkRowsFor(config.Vocabulary)) * config.Vocabulary * LogitBytes(config, element, !recorded.Operations);
        // The logits are gone when the blocks are replayed: whichever is larger counts.
        long replay = shape.Tokens * GradientsPerRow(config) * element + Scores(config, shape) * element;
        // Recorded gradients lie on the leaves before they are collected.
        long gradients = parameters * sizeof(float) * (recorded.Updates ? 2 : 1) + (long)(parameters * AdapterCopies * element);
        return new StepBytes(gradients, (long)((kept + Math.Max(0, replay - logits)) * Fragmentation), logits);
    }

    // Elements that one block keeps of a row.
    private static long KeptPerRow(DecoderConfig config, int element, RecordedParts recorded)
    {
        long query = (long)config.Heads * config.HeadWidth, keyValue = (long)config.KeyValueHeads * config.HeadWidth;
        bool rotates = Enumerable.Range(0, config.Blocks).Any(i => config.Block(i).Rotary is not null);
        bool plainSwiGlu = config.GatedMlp && config.Activation == Activation.Silu && config.GateUp == GateUpLayout.Separate && config.GateLimit <= 0 && config.UpOffset == 0;
        var experts = config.Block(0).Experts;

        // Outputs of the norms and of both sublayers, and the residual stream after each.
        long hidden = (config.BlockNorms.Count + 4L) * config.Hidden;
        if (recorded.Operations) hidden += 2L * config.BlockNorms.Count * config.Hidden * sizeof(float) / element; // recorded in fp32
        // The call's output and the result.
        long attention = query + 2 * keyValue + query;
        bool written = recorded is { Operations: false, Attention: false } && config.Alibi is null && !config.AttentionSinks && config.AttentionSoftcap == 0;
        // Written out, queries, keys and values joined again where something came between; recorded, rotated queries and keys, keys and values repeated for every head of a group.
        if (!written) attention += (rotates ? query + keyValue : 0) + (config.Heads != config.KeyValueHeads ? 2 * query : 0);
        else if (recorded.Updates || config.QueryKeyNorm != QueryKeyNormKind.None || config.QueryKeyValueClip > 0) attention += query + 2 * keyValue;
        if (config.QueryKeyNorm != QueryKeyNormKind.None) attention += (query + keyValue) * (1 + 2 * sizeof(float) / element);
        // The call's output (gate and up), the activated gate where it is recorded, and the product.
        long inner = (config.GatedMlp ? plainSwiGlu && experts is null && !recorded.Operations && !recorded.Updates ? 3 : 4 : 2) * config.InnerFeatures;
        // Rows sorted by expert, their outputs, and these times their shares.
        long routed = experts is null ? 0 : 3L * experts.PerRow * config.Hidden;
        return hidden + attention + inner + routed + KeptByUpdates(config, recorded);
    }

    // A recorded update has its own output beside the base's, for every target; dropout a mask and the dropped input beside it.
    private static long KeptByUpdates(DecoderConfig config, RecordedParts recorded)
    {
        if (!recorded.Updates) return 0;
        long query = (long)config.Heads * config.HeadWidth, keyValue = (long)config.KeyValueHeads * config.HeadWidth, into = config.GatedMlp ? 2 : 1;
        long outputs = query + 2 * keyValue + 2L * config.Hidden + into * config.InnerFeatures;
        long inputs = (3 + into) * config.Hidden + query + config.InnerFeatures;
        return outputs + (recorded.Dropout ? 2 * inputs : 0);
    }

    // Elements that the backward of one block holds of a row while it runs: gradients of its widest stretch.
    private static long GradientsPerRow(DecoderConfig config) =>
        3 * config.Hidden + Math.Max((config.GatedMlp ? 3 : 2) * config.InnerFeatures, 3L * (config.Heads + config.KeyValueHeads) * config.HeadWidth);

    // Attention keeps no scores but where a cap or sinks keep torch's own kernels away: scores, capped and as shares.
    private static long Scores(DecoderConfig config, StepShape shape) =>
        config.AttentionSinks || config.AttentionSoftcap > 0 ? 3L * config.Heads * shape.Tokens * shape.Longest : 0;

    // The gradient takes the logits' place where nothing was computed from them; recorded, the loss holds them three times in fp32 and twice in their own type.
    private static long LogitBytes(DecoderConfig config, int element, bool written) =>
        !written ? 3 * sizeof(float) + 2 * element : config.LogitScale != 1 || config.LogitSoftcap > 0 ? 3 * element : element;
}

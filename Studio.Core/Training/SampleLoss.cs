using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Data;
using Studio.Core.Models;
using Studio.Core.Tensors.Kernels;
using static TorchSharp.torch;

namespace Studio.Core.Training;

/// <summary>A sum of token losses.</summary>
/// <param name="Sum">Cross entropy summed over the tokens, nats.</param>
/// <param name="Tokens">How many tokens.</param>
public readonly record struct LossSum(double Sum, long Tokens)
{
    /// <summary>Mean per token, nats; not a number where there are no tokens.</summary>
    public double Mean => Sum / Tokens;

    /// <summary>Both sums together.</summary>
    public static LossSum operator +(LossSum a, LossSum b) => new(a.Sum + b.Sum, a.Tokens + b.Tokens);
}

/// <summary>
/// Next-token cross entropy of packed samples under split execution. Only rows that predict a trained token reach the head, and those
/// chunk by chunk: each chunk's logits are turned into a gradient of its hidden rows and freed before the next chunk, so that the logits of
/// all tokens never exist at once.
/// </summary>
public sealed class SampleLoss
{
    /// <summary>Logits held at once unless told otherwise: 64 MiB in bf16. Fewer rows would leave the head's product far below the machine's best.</summary>
    private const int ChunkElements = 1 << 25;

    private const int MinimumChunkRows = 16;

    private readonly DecoderModel _model;
    private readonly IBaseLayers _layers;
    private readonly bool _checkpoints;

    /// <summary>Creates the loss of one client.</summary>
    /// <param name="model">The forward.</param>
    /// <param name="layers">The client's door to the base.</param>
    /// <param name="chunkRows">Rows through the head at once; 0 = as many as <see cref="ChunkRowsFor"/> says.</param>
    /// <param name="checkpoints">Whether each block keeps its input alone and runs again for its backward: less memory for more time, the same numbers.</param>
    public SampleLoss(DecoderModel model, IBaseLayers layers, int chunkRows = 0, bool checkpoints = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(chunkRows);
        _model = model;
        _layers = layers;
        _checkpoints = checkpoints;
        ChunkRows = chunkRows > 0 ? chunkRows : ChunkRowsFor(model.Config.Vocabulary);
    }

    /// <summary>Rows through the head at once.</summary>
    public int ChunkRows { get; }

    /// <summary>Rows that keep the logits of a chunk at 64 MiB in bf16 (128 in fp32), at least 16.</summary>
    public static int ChunkRowsFor(int vocabulary) => Math.Max(MinimumChunkRows, ChunkElements / vocabulary);

    /// <summary>How many tokens of the samples are trained with an adapter.</summary>
    public static long TrainedTokens(IEnumerable<TrainingSample> samples, IAdapter adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        return LabelledRows.Count(samples, adapter.VirtualTokens);
    }

    /// <summary>
    /// Forward and backward of one micro-batch. The gradients of (summed cross entropy / <paramref name="stepTokens"/> + the adapter's extra loss *
    /// <paramref name="extraWeight"/>) are added to the leaves of the adapter.
    /// </summary>
    /// <param name="samples">The sequences; they do not see each other.</param>
    /// <param name="adapter">What is trained.</param>
    /// <param name="random">The run's generator for dropout.</param>
    /// <param name="stepTokens">Trained tokens of the whole optimizer step, over all its micro-batches.</param>
    /// <param name="extraWeight">Weight of the extra loss: 1 / micro-batches of the step.</param>
    /// <param name="ct">Cancels base calls.</param>
    /// <returns>The cross entropy, without the extra loss.</returns>
    public LossSum Backpropagate(IReadOnlyList<TrainingSample> samples, IAdapter adapter, Generator random, long stepTokens, double extraWeight = 1, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(stepTokens);
        using var pass = _layers.BeginPass(PassKind.Training, ct);
        using var scope = NewDisposeScope();
        using var tape = new SplitTape(_layers, _checkpoints);
        var context = SplitContext.ForTraining(_layers, _model.Modules, tape, adapter, random, ct);
        var hidden = _model.Forward(context, BatchOf(samples));
        var labelled = LabelledRows.Of(samples, adapter.VirtualTokens);
        var selected = tape.Cut(hidden.index_select(0, tensor(labelled.Rows, device: _model.Device))); // [labels, hidden]
        using var gradient = selected.requires_grad ? zeros_like(selected) : null;
        double sum = 0;
        for (int start = 0; start < labelled.Rows.Length; start += ChunkRows)
        {
            int count = Math.Min(ChunkRows, labelled.Rows.Length - start);
            sum += BackpropagateChunk(selected.detach().narrow(0, start, count), gradient?.narrow(0, start, count), labelled, start);
        }
        if (gradient is not null) selected.grad = gradient;
        if (context.ExtraLoss() is { } extra) (extra * extraWeight).backward();
        tape.Backward(ct);
        return new LossSum(sum, labelled.Rows.Length);

        double BackpropagateChunk(Tensor rows, Tensor? rowGradient, LabelledRows all, int start)
        {
            using var chunkScope = NewDisposeScope();
            using var chunkTape = new SplitTape(_layers);
            // A tape and a pass of its own: an adapter may act on the head too, and must be replayed before its logits are freed.
            var chunk = SplitContext.ForTraining(_layers, _model.Modules, chunkTape, adapter, random, ct);
            if (rowGradient is not null) rows.requires_grad = true;
            double loss = BackpropagateLogits(chunk, rows, all, start, stepTokens);
            chunkTape.Backward(ct);
            if (rowGradient is not null && rows.grad is { } found) rowGradient.copy_(found);
            return loss;
        }
    }

    /// <summary>The loss of samples without a tape, without dropout and without gradients.</summary>
    /// <param name="samples">The sequences.</param>
    /// <param name="adapter">The adapter, or null for the plain base.</param>
    /// <param name="ct">Cancels base calls.</param>
    public LossSum Measure(IReadOnlyList<TrainingSample> samples, IAdapter? adapter, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        using var pass = _layers.BeginPass(PassKind.Evaluation, ct);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var context = SplitContext.ForInference(_layers, _model.Modules, [adapter], ct);
        var hidden = _model.Forward(context, BatchOf(samples));
        var labelled = LabelledRows.Of(samples, adapter?.VirtualTokens ?? 0);
        double sum = 0;
        for (int start = 0; start < labelled.Rows.Length; start += ChunkRows)
        {
            using var chunkScope = NewDisposeScope();
            int count = Math.Min(ChunkRows, labelled.Rows.Length - start);
            var rows = hidden.index_select(0, tensor(labelled.Rows.AsSpan(start, count).ToArray(), device: _model.Device));
            var logits = Logits(context, rows, labelled, start);
            sum += RowLoop.Suits(logits) ? CrossEntropyKernel.Loss(logits, labelled.LabelsOf(start, count)) : CrossEntropy(logits, labelled.LabelsOf(start, count)).item<float>();
        }
        return new LossSum(sum, labelled.Rows.Length);
    }

    // From the hidden rows to gradients at the logits, which the tape takes from there.
    private double BackpropagateLogits(SplitContext context, Tensor rows, LabelledRows labelled, int start, long stepTokens)
    {
        var logits = Logits(context, rows, labelled, start);
        long[] labels = labelled.LabelsOf(start, (int)rows.size(0));
        if (!RowLoop.Suits(logits))
        {
            var loss = CrossEntropy(logits, labels);
            (loss / stepTokens).backward();
            return loss.item<float>();
        }
        // Straight from the base, nobody needs the logits themselves any more; what was computed from them may.
        var gradient = logits.is_leaf ? logits.detach() : logits.detach().clone();
        double sum = CrossEntropyKernel.LossAndGradient(gradient, labels, 1.0 / stepTokens);
        if (!logits.is_leaf) logits.backward([gradient]);
        else if (logits.requires_grad) logits.grad = gradient;
        return sum;
    }

    private Tensor Logits(SplitContext context, Tensor rows, LabelledRows labelled, int start) => _model.Logits(context, rows, labelled.Spans(start, (int)rows.size(0))); // [rows, vocabulary]

    // In fp32 whatever the activations are: a bf16 log-softmax would lose the small differences that training follows.
    private Tensor CrossEntropy(Tensor logits, long[] labels) =>
        nn.functional.cross_entropy(logits.to(ScalarType.Float32), tensor(labels, device: _model.Device), reduction: nn.Reduction.Sum);

    private static SequenceBatch BatchOf(IReadOnlyList<TrainingSample> samples) => new([.. samples.Select(sample => new SequenceInput(sample.Ids))]);
}

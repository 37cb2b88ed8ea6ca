using Studio.Core.Adapters;
using Studio.Core.Models;
using Studio.Core.Tensors.Kernels;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Clients;

/// <summary>
/// The client's record of where its graph was cut at base calls. Each cut starts a new autograd segment at a leaf; <see cref="Backward"/>
/// replays the entries in reverse: a base entry asks the base for dx = dy W, a cut entry runs its segment's own backward. Same chain rule and
/// gradients as one uncut graph, with ordinary code between the segments. A part of the forward may be kept as its input alone and run again at its replay
/// (<see cref="Checkpoint"/>). Used on one thread.
/// </summary>
/// <param name="layers">The client's door to the base.</param>
/// <param name="checkpoints">Whether the blocks of the model are recorded as their inputs alone.</param>
public sealed class SplitTape(IBaseLayers layers, bool checkpoints = false) : IDisposable
{
    private readonly Stack<Entry> _entries = new();
    private readonly List<IDisposable> _kept = [];
    private readonly HashSet<Tensor> _leaves = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether the blocks of the model are recorded as their inputs alone.</summary>
    public bool Checkpoints => checkpoints;

    /// <summary>Entries waiting to be replayed.</summary>
    public int Count => _entries.Count;

    /// <summary>Ends the current segment at x. The result is a leaf that equals x; x itself where nothing below it needs a gradient, or it is such a leaf already.</summary>
    public Tensor Cut(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (!x.requires_grad || _leaves.Contains(x)) return x;
        var leaf = LeafOf(x);
        _entries.Push(new CutEntry([Keep(x)], [leaf]));
        _leaves.Add(leaf);
        return leaf;
    }

    /// <summary>Cuts several outputs of one segment together, so that one backward call replays them.</summary>
    public Tensor[] Cut(IReadOnlyList<Tensor> outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        var leaves = new Tensor[outputs.Count];
        var (kept, cut) = (new List<Tensor>(), new List<Tensor>());
        for (int i = 0; i < leaves.Length; i++)
        {
            leaves[i] = outputs[i];
            if (!outputs[i].requires_grad || _leaves.Contains(outputs[i])) continue;
            cut.Add(leaves[i] = LeafOf(outputs[i]));
            _leaves.Add(leaves[i]);
            kept.Add(Keep(outputs[i]));
        }
        if (cut.Count > 0) _entries.Push(new CutEntry([.. kept], [.. cut]));
        return leaves;
    }

    /// <summary>Runs a base layer on a cut input and records it where its input or the update needs a gradient.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Its input.</param>
    /// <param name="rowGroups">Rows per expert for a call over all experts of a block.</param>
    /// <param name="update">What an adapter adds to the output, with its derivative; the tape's from here on.</param>
    /// <param name="ct">Cancels the wait for batch-mates.</param>
    /// <exception cref="InvalidOperationException">x needs a gradient but is not a leaf: it was not cut.</exception>
    public Tensor Base(LayerId layer, Tensor x, RowGroups? rowGroups = null, LayerUpdate? update = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.requires_grad && !x.is_leaf) throw new InvalidOperationException($"The input of '{layer}' must be cut before the base sees it.");
        var y = layers.Forward(layer, x, rowGroups, ct);
        if (!x.requires_grad && update is null) return y;
        // A cut input is kept by its own entry; one that no gradient reaches would go with the block that made it.
        var kept = x.requires_grad ? null : x.alias().Owned();
        var entry = new BaseEntry(layer, kept ?? x, y.Owned(), rowGroups, update, kept);
        _entries.Push(entry);
        entry.Update();
        y.requires_grad = true;
        _leaves.Add(y);
        return y;
    }

    /// <summary>Runs an operation on a cut input and records its written derivative where the input needs a gradient.</summary>
    /// <returns>The output, as a leaf.</returns>
    public Tensor Run(WrittenOperation operation, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(x);
        Tensor y;
        using (no_grad()) y = operation.Forward(x);
        if (!x.requires_grad) return y;
        _entries.Push(new OperationEntry(operation, x, y.Owned()));
        y.requires_grad = true;
        _leaves.Add(y);
        return y;
    }

    /// <summary>
    /// Runs a part of the forward and records its input alone (Chen et al. 2016, arXiv 1604.06174): the replay runs it again, on a tape of its own, with the same random numbers,
    /// and replays that. Both runs record alike, so values and gradients are those of a part that was recorded as a whole.
    /// </summary>
    /// <param name="x">Its input, cut.</param>
    /// <param name="part">From a tape and x to the output, cut on that tape; all that it uses beside must live until the replay.</param>
    /// <param name="random">The generator it may draw from, or null.</param>
    /// <returns>The output, as a leaf; without a gradient where nothing in the part needs one.</returns>
    public Tensor Checkpoint(Tensor x, Func<SplitTape, Tensor, Tensor> part, Generator? random)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(part);
        using var scope = NewDisposeScope();
        var before = random?.get_state();
        using var own = Beginning(layers, x);
        var end = part(own, x);
        if (!end.requires_grad) return end.MoveToOuterDisposeScope();
        var y = LeafOf(end);
        _entries.Push(new CheckpointEntry(part, x, y, random, before?.Owned(), x.requires_grad ? null : x.alias().Owned()));
        _leaves.Add(y);
        return y;
    }

    /// <summary>Frees an object together with what is recorded: something that replays use.</summary>
    public void Keep(IDisposable shared) => _kept.Add(shared);

    /// <summary>
    /// Replays everything recorded, last first, from the gradients that the loss left on the leaves. The tape is empty afterwards, also
    /// after an exception.
    /// </summary>
    public void Backward(CancellationToken ct = default)
    {
        try
        {
            while (_entries.TryPop(out var entry))
            {
                using (entry) entry.Replay(layers, ct);
            }
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Drops what is recorded.</summary>
    public void Dispose()
    {
        while (_entries.TryPop(out var entry)) entry.Dispose();
        _leaves.Clear();
        foreach (var shared in _kept) shared.Dispose();
        _kept.Clear();
    }

    // A tape whose first segment begins at a leaf of another one.
    private static SplitTape Beginning(IBaseLayers layers, Tensor x)
    {
        var tape = new SplitTape(layers);
        tape._leaves.Add(x);
        return tape;
    }

    private static Tensor LeafOf(Tensor x)
    {
        var leaf = x.detach().Owned();
        leaf.requires_grad = true;
        return leaf;
    }

    // A segment's output lives until its replay. Leaves (parameters, earlier cuts) have another owner: the entry holds a handle of its own.
    private static Tensor Keep(Tensor x) => (x.is_leaf ? x.alias() : x).Owned();

    private abstract class Entry : IDisposable
    {
        public abstract void Replay(IBaseLayers layers, CancellationToken ct);

        public abstract void Dispose();
    }

    private sealed class CutEntry(Tensor[] outputs, Tensor[] leaves) : Entry
    {
        public override void Replay(IBaseLayers layers, CancellationToken ct)
        {
            using var scope = NewDisposeScope();
            var (reached, gradients) = (new List<Tensor>(outputs.Length), new List<Tensor>(outputs.Length));
            for (int i = 0; i < leaves.Length; i++)
            {
                if (leaves[i].grad is not { } gradient) continue;
                reached.Add(outputs[i]);
                gradients.Add(gradient);
            }
            if (reached.Count == 1) reached[0].backward([gradients[0]]);
            else if (reached.Count > 1) autograd.backward(reached, gradients);
        }

        public override void Dispose()
        {
            foreach (var output in outputs) output.Dispose();
            foreach (var leaf in leaves) leaf.Dispose();
        }
    }

    private sealed class BaseEntry(LayerId layer, Tensor x, Tensor y, RowGroups? rowGroups, LayerUpdate? update, Tensor? keptInput) : Entry
    {
        public void Update()
        {
            if (update is null) return;
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            update.Add(x, y);
        }

        public override void Replay(IBaseLayers layers, CancellationToken ct)
        {
            using var scope = NewDisposeScope();
            if (y.grad is not { } dy) return;
            using var grad = no_grad();
            var dx = x.requires_grad ? layers.Backward(layer, dy, rowGroups, ct) : null;
            update?.Backpropagate(x, dy, dx);
            if (dx is null) return;
            if (x.grad is { } sum) sum.add_(dx);
            else x.grad = dx;
        }

        public override void Dispose()
        {
            y.Dispose();
            keptInput?.Dispose();
            update?.Dispose();
        }
    }

    private sealed class CheckpointEntry(Func<SplitTape, Tensor, Tensor> part, Tensor x, Tensor y, Generator? random, Tensor? state, Tensor? keptInput) : Entry
    {
        public override void Replay(IBaseLayers layers, CancellationToken ct)
        {
            using var scope = NewDisposeScope();
            if (y.grad is not { } dy) return;
            var input = keptInput ?? x;
            using var own = Beginning(layers, input);
            Again(own, input).grad = dy;
            own.Backward(ct);
        }

        public override void Dispose()
        {
            y.Dispose();
            state?.Dispose();
            keptInput?.Dispose();
        }

        // With the random numbers of the first time; those that come next stay the next.
        private Tensor Again(SplitTape own, Tensor input)
        {
            if (random is null) return part(own, input);
            var next = random.get_state();
            random.set_state(state!);
            try
            {
                return part(own, input);
            }
            finally
            {
                random.set_state(next);
            }
        }
    }

    private sealed class OperationEntry(WrittenOperation operation, Tensor x, Tensor y) : Entry
    {
        public override void Replay(IBaseLayers layers, CancellationToken ct)
        {
            using var scope = NewDisposeScope();
            if (y.grad is not { } dy) return;
            using var grad = no_grad();
            var sum = x.grad;
            var dx = operation.Backward(x, y, RowLoop.Suits(dy) ? dy : dy.contiguous(), sum);
            if (sum is null) x.grad = dx;
        }

        public override void Dispose() => y.Dispose();
    }
}

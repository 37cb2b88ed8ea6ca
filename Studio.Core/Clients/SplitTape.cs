using Studio.Core.Adapters;
using Studio.Core.Models;
using Studio.Core.Tensors.Kernels;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Clients;

/// <summary>
/// The client's record of where its graph was cut at base calls. Each cut starts a new autograd segment at a leaf; <see cref="Backward"/>
/// replays the entries in reverse: a base entry asks the base for dx = dy W, a cut entry runs its segment's own backward. Same chain rule and
/// gradients as one uncut graph, with ordinary code between the segments. Used on one thread.
/// </summary>
public sealed class SplitTape(IBaseLayers layers) : IDisposable
{
    private readonly Stack<Entry> _entries = new();
    private readonly HashSet<Tensor> _leaves = new(ReferenceEqualityComparer.Instance);

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

using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Bench.Verify;

/// <summary>Loss of one training pass.</summary>
/// <param name="Total">What is minimised, the adapter's own terms included.</param>
/// <param name="CrossEntropy">Mean cross entropy over the predicted tokens.</param>
public readonly record struct PassLoss(double Total, double CrossEntropy);

/// <summary>A base model in fp32 and the passes over it that references are compared with, through the base executor as in the product.</summary>
public sealed class ModelRun : IDisposable
{
    private readonly BaseModel _base;
    private readonly IBaseLayers _layers;

    /// <summary>Loads a model folder.</summary>
    public ModelRun(string folder, string configFile = "config.json")
    {
        _base = BaseModel.Load("verify", folder, ScalarType.Float32, CPU, configFile: configFile);
        _layers = _base.Executor.Attach(new ClientOptions { Name = "verify" });
    }

    /// <summary>Shapes of the model.</summary>
    public DecoderConfig Config => _base.Config;

    /// <summary>Its modules.</summary>
    public ModuleMap Modules => _base.Model.Modules;

    /// <summary>Where adapters are built.</summary>
    public AdapterSite Site => _base.AdapterSite();

    /// <summary>A module's base weight as the forward uses it, [out, in]; joins the caller's dispose scope.</summary>
    public Tensor WeightOf(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return module.Kind == ModuleKind.Norm ? _base.Model.Norms[module.Norm].Weights.Weight.clone() : ((IBaseWeights)_layers).Weight(module.Layer);
    }

    /// <summary>A module's base bias, or null; joins the caller's dispose scope.</summary>
    public Tensor? BiasOf(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return module.Kind == ModuleKind.Norm ? _base.Model.Norms[module.Norm].Weights.Bias?.clone() : ((IBaseWeights)_layers).Bias(module.Layer);
    }

    /// <summary>Whether the checkpoint stores a module's weight [in, out].</summary>
    public bool IsTransposed(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return module.Kind == ModuleKind.Linear && _base.Model.Family.Weight(module.Layer).Transposed;
    }

    /// <summary>Logits of every row, virtual tokens included, [rows, vocabulary].</summary>
    /// <param name="adapter">An adapter, or null for the base.</param>
    /// <param name="sequences">The batch.</param>
    /// <param name="hiddenStates">Receives the hidden states where given.</param>
    public float[] Logits(IAdapter? adapter, IReadOnlyList<LabelledSequence> sequences, List<float[]>? hiddenStates = null)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var pass = _layers.BeginPass(PassKind.Evaluation);
        var context = SplitContext.ForInference(_layers, Modules, [adapter]);
        var hidden = _base.Model.Forward(context, BatchOf(sequences), hiddenStates is null ? null : state => hiddenStates.Add(state.ToFloatArray()));
        return _base.Model.Logits(context, hidden, WholeBatch(hidden)).ToFloatArray();
    }

    /// <summary>Forward, loss and backward over the split tape; gradients end in the adapter's <see cref="FlatParameters.Gradients"/>.</summary>
    public PassLoss Backward(IAdapter adapter, IReadOnlyList<LabelledSequence> sequences)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        using var scope = NewDisposeScope();
        using var pass = _layers.BeginPass(PassKind.Training);
        using var tape = new SplitTape(_layers);
        var context = SplitContext.ForTraining(_layers, Modules, tape, adapter, random: null);
        var hidden = tape.Cut(_base.Model.Forward(context, BatchOf(sequences)));
        var logits = _base.Model.Logits(context, hidden, WholeBatch(hidden));
        var targets = tensor(Targets(sequences, adapter.VirtualTokens), dtype: ScalarType.Int64);
        var crossEntropy = nn.functional.cross_entropy(logits, targets, ignore_index: LabelledSequence.Ignored);
        var loss = context.ExtraLoss() is { } extra ? crossEntropy + extra : crossEntropy;
        loss.backward();
        tape.Backward();
        adapter.Parameters.CollectGradients();
        return new PassLoss(loss.item<float>(), crossEntropy.item<float>());
    }

    /// <summary>Greedy continuation with a KV cache: the prompt in one or two chunks, then token by token.</summary>
    /// <param name="adapter">An adapter, or null for the base.</param>
    /// <param name="prompt">Prompt ids.</param>
    /// <param name="count">Tokens to generate; end-of-sequence ids do not stop it.</param>
    /// <param name="firstChunk">Prompt tokens of the first chunk.</param>
    public int[] Generate(IAdapter? adapter, int[] prompt, int count, int firstChunk)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        using var grad = no_grad();
        using var cache = new KeyValueCache(Config, ScalarType.Float32, CPU);
        int next = Next(prompt[..firstChunk], prompt.Length - firstChunk);
        if (firstChunk < prompt.Length) next = Next(prompt[firstChunk..]);
        var generated = new int[count];
        for (int i = 0; i < count; i++)
        {
            generated[i] = next;
            if (i < count - 1) next = Next([next]);
        }
        return generated;

        int Next(int[] ids, int ahead = 0)
        {
            using var scope = NewDisposeScope();
            using var pass = _layers.BeginPass(ids.Length > 1 ? PassKind.Prefill : PassKind.Decode);
            var context = SplitContext.ForInference(_layers, Modules, [adapter]);
            var hidden = _base.Model.Forward(context, new SequenceBatch([new SequenceInput(ids, cache, ahead)]));
            var last = hidden.narrow(0, hidden.size(0) - 1, 1);
            return (int)_base.Model.Logits(context, last, WholeBatch(last)).argmax().item<long>();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _layers.Dispose();
        _base.Dispose();
    }

    private static SequenceBatch BatchOf(IReadOnlyList<LabelledSequence> sequences) => SequenceBatch.Of([.. sequences.Select(sequence => sequence.Ids)]);

    // One adapter serves all sequences: which rows are whose does not matter here.
    private static RowSpan[] WholeBatch(Tensor rows) => [new RowSpan(0, (int)rows.size(0), 0)];

    // Row t predicts token t + 1; virtual tokens have no label of their own, but the last of them predicts the first token.
    private static long[] Targets(IReadOnlyList<LabelledSequence> sequences, int virtualTokens)
    {
        var targets = new List<long>();
        foreach (var sequence in sequences)
        {
            targets.AddRange(Enumerable.Repeat((long)LabelledSequence.Ignored, Math.Max(0, virtualTokens - 1)));
            targets.AddRange(sequence.Labels.Skip(virtualTokens > 0 ? 0 : 1).Select(label => (long)label));
            targets.Add(LabelledSequence.Ignored);
        }
        return [.. targets];
    }
}

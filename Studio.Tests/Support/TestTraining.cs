using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Models;
using Studio.Core.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Support;

/// <summary>Loss, gradients and tape length of one training pass.</summary>
internal sealed record PassResult(double Loss, IReadOnlyDictionary<string, double[]> Gradients, int TapeEntries);

/// <summary>One training pass over a few packed samples, with the split tape and in one uncut autograd graph.</summary>
internal static class TestTraining
{
    private const long Ignored = -100;

    public static readonly int[][] Samples = [[3, 14, 15, 9, 2], [6, 5, 35], [8, 9, 7, 9, 3, 2, 38]];

    /// <summary>Over the split tape.</summary>
    public static PassResult Split(TestModel model, IAdapter adapter, IBaseLayers? layers = null, Generator? random = null, bool checkpoints = false, CancellationToken ct = default)
    {
        var (loss, entries) = Accumulate(model, adapter, layers, random, Samples, checkpoints, ct);
        return Collect(adapter, loss, entries);
    }

    /// <summary>Takes the passes after which TorchScript has fused the operations of these shapes: the first ones differ from the others in last bits.</summary>
    public static void WarmUp(TestModel model, IAdapter adapter)
    {
        using var random = new Generator(1);
        for (int pass = 0; pass < 3; pass++) Split(model, adapter, random: random);
    }

    /// <summary>Over the split tape and given samples; gradients stay collected in the adapter's flat buffer.</summary>
    public static (double Loss, int TapeEntries) Accumulate(TestModel model, IAdapter adapter, IBaseLayers layers, Generator random, int[][] samples) =>
        Accumulate(model, adapter, layers, random, samples, checkpoints: false, CancellationToken.None);

    /// <summary>Over the split tape; gradients stay collected in the adapter's flat buffer.</summary>
    public static (double Loss, int TapeEntries) Accumulate(TestModel model, IAdapter adapter, IBaseLayers? layers = null, Generator? random = null, CancellationToken ct = default) =>
        Accumulate(model, adapter, layers, random, Samples, checkpoints: false, ct);

    private static (double Loss, int TapeEntries) Accumulate(TestModel model, IAdapter adapter, IBaseLayers? layers, Generator? random, int[][] samples, bool checkpoints, CancellationToken ct)
    {
        using var scope = NewDisposeScope();
        var doors = layers ?? model.Direct;
        using var pass = doors.BeginPass(PassKind.Training, ct);
        using var tape = new SplitTape(doors, checkpoints);
        var context = SplitContext.ForTraining(doors, model.Modules, tape, adapter, random, ct);
        var hidden = tape.Cut(model.Model.Forward(context, SequenceBatch.Of(samples)));
        var loss = LossOf(model, context, hidden, adapter, samples);
        loss.backward();
        int entries = tape.Count;
        tape.Backward(ct);
        adapter.Parameters.CollectGradients();
        return (Number(loss), entries);
    }

    /// <summary>In one uncut graph.</summary>
    public static PassResult Whole(TestModel model, IAdapter adapter, Generator? random = null)
    {
        using var scope = NewDisposeScope();
        var context = new AutogradContext(model.Model, model.Weights, adapter: adapter, random: random);
        var loss = LossOf(model, context, model.Model.Forward(context, SequenceBatch.Of(Samples)), adapter, Samples);
        loss.backward();
        adapter.Parameters.CollectGradients();
        return Collect(adapter, Number(loss), 0);
    }

    /// <summary>The loss alone.</summary>
    public static double Loss(TestModel model, IAdapter adapter)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var context = new AutogradContext(model.Model, model.Weights, adapter: adapter);
        return Number(LossOf(model, context, model.Model.Forward(context, SequenceBatch.Of(Samples)), adapter, Samples));
    }

    /// <summary>|a - b| / |b| over all tensors together, Euclidean.</summary>
    public static double RelativeDifference(PassResult a, PassResult b)
    {
        double difference = 0, length = 0;
        foreach (var (name, expected) in b.Gradients)
        {
            for (int i = 0; i < expected.Length; i++)
            {
                difference += Math.Pow(a.Gradients[name][i] - expected[i], 2);
                length += expected[i] * expected[i];
            }
        }
        return Math.Sqrt(difference / length);
    }

    private static Tensor LossOf(TestModel model, AdaptedContext context, Tensor hidden, IAdapter adapter, int[][] samples)
    {
        var logits = model.Model.Logits(context, hidden, Rows(adapter.VirtualTokens, samples));
        var targets = new List<long>();
        foreach (var sample in samples)
        {
            targets.AddRange(Enumerable.Repeat(Ignored, adapter.VirtualTokens));
            targets.AddRange(sample.Skip(1).Select(id => (long)id));
            targets.Add(Ignored);
        }
        var loss = nn.functional.cross_entropy(logits, tensor(targets.ToArray(), dtype: ScalarType.Int64), ignore_index: Ignored);
        return context.ExtraLoss() is { } extra ? loss + extra : loss;
    }

    private static RowSpan[] Rows(int virtualTokens, int[][] samples)
    {
        var rows = new RowSpan[samples.Length];
        for (int i = 0, start = 0; i < rows.Length; start += rows[i++].Count) rows[i] = new RowSpan(start, samples[i].Length + virtualTokens, i);
        return rows;
    }

    private static double Number(Tensor loss) => loss.detach().to(ScalarType.Float64).item<double>();

    private static PassResult Collect(IAdapter adapter, double loss, int entries)
    {
        var parameters = adapter.Parameters;
        var gradients = parameters.Entries.ToDictionary(entry => entry.Name,
            entry => Slice(parameters, entry.Name));
        parameters.ReleaseGradients();
        return new PassResult(loss, gradients, entries);
    }

    private static double[] Slice(FlatParameters parameters, string name)
    {
        using var slice = parameters.Slice(parameters.Gradients, name);
        return [.. slice.ToFloatArray().Select(value => (double)value)];
    }
}

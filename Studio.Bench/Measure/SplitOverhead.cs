using System.Diagnostics;
using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Data;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Core.Training;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>What to measure.</summary>
internal sealed record SplitOverheadOptions(int Tokens, int Rank, int Rounds);

/// <summary>
/// What split execution costs one client: a training step over the executor and over the layers directly, against the same step in one uncut autograd graph. Time
/// and the peak of private memory above what is there between steps. And the executor's part of a call that computes nothing.
/// </summary>
internal static class SplitOverhead
{
    /// <summary>Writes the table.</summary>
    public static int Run(BenchModel source, SplitOverheadOptions options, TextWriter output)
    {
        using var model = source.Load();
        using var run = new BenchRun(model, options.Tokens, options.Rank, 1);
        using var direct = new DirectBaseLayers(model.Layers);
        var (directLoss, checkpointed) = (new SampleLoss(model.Model, direct), new SampleLoss(model.Model, direct, checkpoints: true));
        var sample = BenchRun.Sample(model.Config.Vocabulary, options.Tokens);
        using var weights = new UncutWeights(model);
        using var random = new Generator(3);
        (string Name, Action Step)[] variants =
        [
            ("autograd, uncut", () => Uncut(model, weights, run.Adapter, sample)),
            ("split, executor", () => run.Backpropagate()),
            ("split, direct", () => Split(directLoss)),
            ("split, checkpointed", () => Split(checkpointed)),
        ];
        var seconds = variants.Select(_ => new List<double>()).ToList();
        var peaks = variants.Select(_ => new List<double>()).ToList();
        for (int round = -1; round < options.Rounds; round++)
        {
            for (int i = 0; i < variants.Length; i++)
            {
                long before = PeakMemory.ResetFreed();
                long start = Stopwatch.GetTimestamp();
                variants[i].Step();
                double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
                long peak = DeviceMemory.Read().PeakResidentBytes - before;
                run.Adapter.Parameters.ReleaseGradients();
                if (round < 0) continue;
                seconds[i].Add(elapsed);
                peaks[i].Add(peak / 1e6);
            }
        }
        var report = new BenchReport(FormattableString.Invariant($"{source.Name}, {source.Type}, {options.Tokens} tokens a step, LoRA r = {options.Rank}, forward and backward, {options.Rounds} rounds, {get_num_threads()} threads; an empty call takes {EmptyCallMicroseconds(model):0.0} us"), "overhead", output);
        for (int i = 0; i < variants.Length; i++)
        {
            report.Add(
                new Figure("variant", variants[i].Name),
                new Figure("ms a step", BenchReport.Median(seconds[i]) * 1e3, "0.0"),
                new Figure("to uncut", BenchReport.Median(seconds[i].Zip(seconds[0], (own, uncut) => own / uncut)), "0.000"),
                new Figure("peak MB", BenchReport.Median(peaks[i]), "0.0"),
                new Figure("peak to uncut", BenchReport.Median(peaks[i].Zip(peaks[0], (own, uncut) => own / uncut)), "0.000"));
        }
        report.Write();
        return 0;

        void Split(SampleLoss loss)
        {
            loss.Backpropagate([sample], run.Adapter, random, sample.TrainedTokens);
            run.Adapter.Parameters.CollectGradients();
        }
    }

    // The usual way: logits of all rows at once, one graph, one backward.
    private static void Uncut(BaseModel model, UncutWeights weights, IAdapter adapter, TrainingSample sample)
    {
        using var scope = NewDisposeScope();
        var context = new AutogradContext(model.Model, weights.Of, adapter: adapter);
        var hidden = model.Model.Forward(context, SequenceBatch.Of([.. sample.Ids]));
        var logits = model.Model.Logits(context, hidden, [new RowSpan(0, sample.Length, 0)]).to(ScalarType.Float32);
        var labels = tensor(sample.Ids.Skip(1).Select(id => (long)id).ToArray());
        nn.functional.cross_entropy(logits.narrow(0, 0, sample.Length - 1), labels).backward();
        adapter.Parameters.CollectGradients();
    }

    // The time that a call spends in the executor itself: the same product with and without it.
    private static double EmptyCallMicroseconds(BaseModel model)
    {
        const int Calls = 2000;
        using var layers = model.Executor.Attach(new ClientOptions { Name = "empty" });
        using var beside = model.Executor.Attach(new ClientOptions { Name = "beside" });
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var layer = new LayerId(0, BaseProjection.AttentionOutput);
        var x = zeros(1, model.Layers.Describe(layer).InputFeatures, dtype: model.ComputeType);
        double Best(Func<Tensor> call)
        {
            double best = double.MaxValue;
            for (int round = 0; round < 5; round++)
            {
                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < Calls; i++) call().Dispose();
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / Calls);
            }
            return best;
        }
        return Best(() => layers.Forward(layer, x)) - Best(() => model.Layers.Forward(layer, x));
    }
}

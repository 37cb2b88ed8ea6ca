using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Data;
using Studio.Core.Models;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Training;

/// <summary>The loss as it is usually written: one uncut graph, the logits of all rows, labels of -100 where nothing is trained.</summary>
internal static class ReferenceLoss
{
    private const long Ignored = -100;

    /// <summary>Mean loss over all labels, plus the adapter's extra loss; gradients are collected in the adapter.</summary>
    public static double Backpropagate(TinyModel model, IReadOnlyList<TrainingSample> samples, IAdapter adapter)
    {
        using var scope = NewDisposeScope();
        var context = new AutogradContext(model.Model, model.Weights, adapter: adapter);
        var hidden = model.Model.Forward(context, SequenceBatch.Of([.. samples.Select(sample => sample.Ids)]));
        int extra = adapter.VirtualTokens;
        var (labels, rows) = (new List<long>(), new List<RowSpan>());
        foreach (var sample in samples)
        {
            rows.Add(new RowSpan(labels.Count, sample.Length + extra, rows.Count));
            long[] own = [.. Enumerable.Repeat(Ignored, extra), .. sample.Ids.Select((id, t) => sample.Trained[t] ? id : Ignored)];
            labels.AddRange([.. own.Skip(1), Ignored]); // shifted by one, as every causal model's loss
        }
        var loss = nn.functional.cross_entropy(model.Model.Logits(context, hidden, rows), tensor(labels.ToArray()), ignore_index: Ignored);
        double mean = loss.item<float>();
        if (context.ExtraLoss() is { } added) loss += added;
        loss.backward();
        adapter.Parameters.CollectGradients();
        return mean;
    }
}

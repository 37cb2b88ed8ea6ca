using System.Diagnostics;
using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Bench.Starter;

/// <summary>Trains the starter model from nothing: next-token cross entropy on the assistant's words, AdamW, warm-up and cosine decay.</summary>
public sealed class StarterTrainer(StarterRecipe recipe, StarterText text, TrainableDecoder decoder)
{
    public void Train(TextWriter log, CancellationToken ct = default)
    {
        var clock = Stopwatch.StartNew();
        long tokens = 0;
        double average = 0;
        using var stepNumber = zeros([]);
        using var conversations = StarterCorpus.Generate(recipe.Seed, recipe.Steps * recipe.BatchConversations).GetEnumerator();
        for (int step = 1; step <= recipe.Steps; step++)
        {
            ct.ThrowIfCancellationRequested();
            var batch = new List<(int[] Ids, bool[] Learned)>(recipe.BatchConversations);
            while (batch.Count < recipe.BatchConversations && conversations.MoveNext())
            {
                var sample = text.Encode(conversations.Current);
                if (sample.Ids.Length <= recipe.ContextLength) batch.Add(sample);
            }
            double loss = Step(batch, step, stepNumber);
            tokens += batch.Sum(sample => (long)sample.Ids.Length);
            average = step == 1 ? loss : 0.98 * average + 0.02 * loss;
            if (step % 20 == 0 || step == recipe.Steps)
                log.WriteLine(FormattableString.Invariant($"step {step}/{recipe.Steps}  loss {average:f3}  {tokens / clock.Elapsed.TotalSeconds:f0} tokens/s  {clock.Elapsed:hh\\:mm\\:ss}"));
        }
    }

    private double Step(List<(int[] Ids, bool[] Learned)> batch, int step, Tensor stepNumber)
    {
        using var scope = NewDisposeScope();
        var rows = new List<long>();
        var targets = new List<long>();
        int start = 0;
        foreach (var (ids, learned) in batch)
        {
            for (int t = 1; t < ids.Length; t++)
            {
                if (!learned[t]) continue;
                rows.Add(start + t - 1);
                targets.Add(ids[t]);
            }
            start += ids.Length;
        }
        var context = decoder.NewContext();
        var hidden = decoder.Model.Forward(context, SequenceBatch.Of([.. batch.Select(sample => sample.Ids)])).index_select(0, tensor(rows.ToArray()));
        var logits = decoder.Model.Logits(context, hidden, [new RowSpan(0, rows.Count, 0)]);
        var loss = nn.functional.cross_entropy(logits.to(ScalarType.Float32), tensor(targets.ToArray()));
        loss.backward();
        Update(step, stepNumber);
        return loss.item<float>();
    }

    private void Update(int step, Tensor stepNumber)
    {
        var parameters = decoder.Parameters;
        using var grad = no_grad();
        parameters.CollectGradients();
        double norm = parameters.Gradients.norm().item<float>();
        if (norm > recipe.MaximumGradientNorm) parameters.Gradients.mul_(recipe.MaximumGradientNorm / norm);
        stepNumber.fill_(step);
        ScriptKernels.FusedAdamW(parameters.Values, parameters.Gradients, parameters.FirstMoments, parameters.SecondMoments, stepNumber,
            LearningRate(step), 0.9, 0.95, recipe.WeightDecay, 1e-8);
        parameters.ReleaseGradients();
    }

    private double LearningRate(int step)
    {
        if (step <= recipe.WarmUpSteps) return recipe.LearningRate * step / recipe.WarmUpSteps;
        double progress = (double)(step - recipe.WarmUpSteps) / (recipe.Steps - recipe.WarmUpSteps);
        return recipe.LearningRate * (0.05 + 0.95 * 0.5 * (1 + Math.Cos(Math.PI * progress)));
    }
}

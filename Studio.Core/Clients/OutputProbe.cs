using Studio.Core.Adapters;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Clients;

/// <summary>How far two models' answers to the same prompts lie apart.</summary>
/// <param name="Largest">Largest difference of a logit.</param>
/// <param name="LargestLogit">Largest logit in size, for comparison.</param>
/// <param name="Positions">Positions compared.</param>
/// <param name="SameToken">Positions where both think the same token is likeliest.</param>
public sealed record OutputDifference(double Largest, double LargestLogit, int Positions, int SameToken)
{
    /// <summary>The largest difference as a part of the largest logit.</summary>
    public double Relative => LargestLogit > 0 ? Largest / LargestLogit : 0;
}

/// <summary>Logits of a few prompts, to compare what was exported with what it was made from. Runs on a lane.</summary>
public static class OutputProbe
{
    // The last positions of a prompt have seen all of it; more would cost memory and show nothing new.
    private const int PositionsPerPrompt = 8;

    /// <summary>Logits of the last positions of every prompt, one array of [vocabulary] each.</summary>
    /// <param name="model">The base model.</param>
    /// <param name="adapter">An adapter on it, or null; the caller holds it.</param>
    /// <param name="prompts">Token ids.</param>
    public static IReadOnlyList<float[]> Logits(BaseModel model, IAdapter? adapter, IReadOnlyList<int[]> prompts)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(prompts);
        var client = model.ClientModel();
        using var layers = model.Direct(client.Device);
        var positions = new List<float[]>();
        foreach (int[] prompt in prompts)
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var context = SplitContext.ForInference(layers, client.Modules, [adapter]);
            var hidden = client.Forward(context, SequenceBatch.Of(prompt));
            int count = Math.Min(PositionsPerPrompt, prompt.Length);
            var logits = client.Logits(context, hidden.narrow(0, hidden.size(0) - count, count), [new RowSpan(0, count, 0)]);
            float[] flat = logits.ToFloatArray();
            int width = flat.Length / count;
            for (int i = 0; i < count; i++) positions.Add(flat.AsSpan(i * width, width).ToArray());
        }
        return positions;
    }

    /// <summary>Compares the logits of two models.</summary>
    /// <exception cref="ArgumentException">They are not of the same prompts and vocabulary.</exception>
    public static OutputDifference Compare(IReadOnlyList<float[]> one, IReadOnlyList<float[]> other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        if (one.Count != other.Count) throw new ArgumentException($"Found {one.Count} and {other.Count} positions; expected as many on both sides.", nameof(other));
        double largest = 0, size = 0;
        int same = 0;
        for (int i = 0; i < one.Count; i++)
        {
            if (one[i].Length != other[i].Length) throw new ArgumentException($"Found {one[i].Length} and {other[i].Length} tokens; expected one vocabulary.", nameof(other));
            int first = 0, second = 0;
            for (int j = 0; j < one[i].Length; j++)
            {
                double difference = Math.Abs((double)one[i][j] - other[i][j]);
                // What is not a number must not pass for equal.
                if (!(difference <= largest)) largest = double.IsNaN(difference) ? double.PositiveInfinity : difference;
                size = Math.Max(size, Math.Abs((double)one[i][j]));
                if (one[i][j] > one[i][first]) first = j;
                if (other[i][j] > other[i][second]) second = j;
            }
            if (first == second) same++;
        }
        return new OutputDifference(largest, size, one.Count, same);
    }
}

namespace Studio.Core.Data;

/// <summary>Sets a part of a dataset aside for evaluation.</summary>
/// <param name="Train">What is trained on, in its original order.</param>
/// <param name="Eval">What is held out, in its original order.</param>
public sealed record TrainEvalSplit<T>(IReadOnlyList<T> Train, IReadOnlyList<T> Eval);

/// <summary>Makes train and evaluation splits.</summary>
public static class TrainEvalSplit
{
    /// <summary>
    /// Splits at random; the same items, fraction and seed always give the same split. A fraction above 0 holds out at least one item and
    /// leaves at least one to train on; a single item is never held out.
    /// </summary>
    /// <param name="items">What to split.</param>
    /// <param name="evalFraction">The part to hold out, from 0 up to but not including 1.</param>
    /// <param name="seed">The seed.</param>
    public static TrainEvalSplit<T> Create<T>(IReadOnlyList<T> items, double evalFraction, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(items);
        if (evalFraction is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(evalFraction), evalFraction, "The held-out fraction must be at least 0 and below 1.");
        var wanted = (int)Math.Round(items.Count * evalFraction, MidpointRounding.AwayFromZero);
        var held = evalFraction == 0 || items.Count < 2 ? 0 : Math.Clamp(wanted, 1, items.Count - 1);
        var order = Enumerable.Range(0, items.Count).ToArray();
        new RandomSource(seed).Shuffle(order.AsSpan());
        var eval = order.Take(held).ToHashSet();
        return new TrainEvalSplit<T>(
            [.. items.Where((_, index) => !eval.Contains(index))],
            [.. items.Where((_, index) => eval.Contains(index))]);
    }
}

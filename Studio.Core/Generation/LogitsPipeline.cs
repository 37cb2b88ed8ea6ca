using Studio.Core.Data;

namespace Studio.Core.Generation;

/// <summary>
/// Chooses the next token from logits [vocabulary]. Processors act in the order of transformers' <c>generate</c>: repetition penalty,
/// temperature, top-k, top-p, min-p; then one draw from the client's own random source. Not for concurrent use.
/// </summary>
public sealed class LogitsPipeline
{
    private readonly SamplingSettings _settings;
    private readonly RandomSource _random;
    private readonly HashSet<int> _seen = [];

    /// <summary>Creates the pipeline of one answer.</summary>
    /// <exception cref="ArgumentException">The settings have problems; all are named.</exception>
    public LogitsPipeline(SamplingSettings settings, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var problems = settings.Problems();
        if (problems.Count > 0) throw new ArgumentException(string.Join(" ", problems), nameof(settings));
        _settings = settings;
        _random = new RandomSource(seed);
    }

    /// <summary>Tells the repetition penalty of tokens that are in the sequence.</summary>
    public void Observe(ReadOnlySpan<int> ids)
    {
        if (_settings.RepetitionPenalty == 1) return;
        foreach (int id in ids) _seen.Add(id);
    }

    /// <summary>The next token; <paramref name="logits"/> is changed.</summary>
    /// <exception cref="InvalidOperationException">The logits hold no finite number.</exception>
    public int Next(Span<float> logits)
    {
        PenalizeRepetition(logits);
        int best = ArgMax(logits);
        if (!float.IsFinite(logits[best])) throw new InvalidOperationException("The model's logits are not finite numbers.");
        int id = _settings.Greedy ? best : Draw(logits, best);
        Observe([id]);
        return id;
    }

    // Keskar et al. 2019 (CTRL), as in transformers' RepetitionPenaltyLogitsProcessor.
    private void PenalizeRepetition(Span<float> logits)
    {
        float penalty = (float)_settings.RepetitionPenalty;
        foreach (int id in _seen) logits[id] = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty;
    }

    private int Draw(ReadOnlySpan<float> logits, int best)
    {
        // Probabilities relative to the best token: e^((l - max) / T), so the best weighs 1.
        float max = logits[best];
        double inverse = 1 / _settings.Temperature;
        var weights = new double[logits.Length];
        for (int i = 0; i < weights.Length; i++) weights[i] = Math.Exp((logits[i] - max) * inverse) is var weight && double.IsNaN(weight) ? 0 : weight;
        var order = NeedsOrder ? SortedByWeight(weights) : null;
        if (order is not null) Filter(weights, order);
        double total = weights.Sum(), mark = _random.NextDouble() * total;
        int last = best;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] <= 0) continue;
            last = i;
            if ((mark -= weights[i]) < 0) return i;
        }
        return last;
    }

    private bool NeedsOrder => _settings.TopK > 0 || _settings.TopP < 1 || _settings.MinP > 0;

    private void Filter(double[] weights, int[] order)
    {
        int kept = order.Length;
        if (_settings.TopK > 0) kept = Math.Min(kept, _settings.TopK);
        kept = NucleusSize(weights, order, kept);
        if (_settings.MinP > 0)
            while (kept > 1 && weights[order[kept - 1]] < _settings.MinP) kept--;
        for (int i = kept; i < order.Length; i++) weights[order[i]] = 0;
    }

    private int NucleusSize(double[] weights, int[] order, int kept)
    {
        if (_settings.TopP >= 1) return kept;
        double total = 0;
        for (int i = 0; i < kept; i++) total += weights[order[i]];
        double sum = 0;
        for (int i = 0; i < kept; i++)
        {
            sum += weights[order[i]];
            if (sum >= _settings.TopP * total) return i + 1;
        }
        return kept;
    }

    private static int[] SortedByWeight(double[] weights)
    {
        var order = new int[weights.Length];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        // Equal weights keep the order of their ids: the draw is the same everywhere.
        Array.Sort(order, (a, b) => weights[b] != weights[a] ? weights[b].CompareTo(weights[a]) : a.CompareTo(b));
        return order;
    }

    private static int ArgMax(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
            if (logits[i] > logits[best] || float.IsNaN(logits[best])) best = i;
        return best;
    }
}

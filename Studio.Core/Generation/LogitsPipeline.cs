using Studio.Core.Data;

namespace Studio.Core.Generation;

/// <summary>
/// Chooses the next token from logits [vocabulary]. Processors act in the order of transformers'
/// <c>GenerationMixin._get_logits_processor</c>; then the likeliest token, or one draw from the client's own random source. Not for concurrent use.
/// </summary>
public sealed class LogitsPipeline
{
    private readonly SamplingSettings _settings;
    private readonly RandomSource _random;
    private readonly int[] _endIds;
    private readonly List<int> _sequence = [];
    private readonly HashSet<int> _seen = [];
    private int _generated;

    /// <summary>Creates the pipeline of one answer.</summary>
    /// <param name="settings">How to choose.</param>
    /// <param name="seed">Of the random source.</param>
    /// <param name="endIds">Ids that end the answer: they cannot come before its fewest tokens, and no bad word forbids them.</param>
    /// <exception cref="ArgumentException">The settings have problems; all are named.</exception>
    public LogitsPipeline(SamplingSettings settings, ulong seed, IReadOnlyCollection<int>? endIds = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var problems = settings.Problems();
        if (problems.Count > 0) throw new ArgumentException(string.Join(" ", problems), nameof(settings));
        _settings = settings;
        _random = new RandomSource(seed);
        _endIds = [.. endIds ?? []];
    }

    /// <summary>Tells the processors of tokens that are in the sequence, in order.</summary>
    public void Observe(ReadOnlySpan<int> ids)
    {
        if (_settings.RepetitionPenalty != 1)
            foreach (int id in ids) _seen.Add(id);
        if (_settings.NoRepeatNgramSize > 0 || _settings.BadWords.Count > 0) _sequence.AddRange(ids);
    }

    /// <summary>The next token; <paramref name="logits"/> is changed.</summary>
    /// <exception cref="InvalidOperationException">The logits hold no finite number, or the settings leave no token.</exception>
    public int Next(Span<float> logits)
    {
        if (!float.IsFinite(logits[ArgMax(logits)])) throw new InvalidOperationException("The model's logits are not finite numbers.");
        LogitsProcessors.PenalizeRepetition(logits, _seen, (float)_settings.RepetitionPenalty);
        LogitsProcessors.ForbidRepeatedNgrams(logits, _sequence, _settings.NoRepeatNgramSize);
        LogitsProcessors.ForbidWords(logits, _sequence, _settings.BadWords, _endIds);
        if (_generated < _settings.MinNewTokens) LogitsProcessors.Forbid(logits, _endIds);
        LogitsProcessors.Forbid(logits, _settings.SuppressTokens);
        int best = ArgMax(logits);
        if (!float.IsFinite(logits[best])) throw new InvalidOperationException("The settings forbid every token: suppressed tokens, bad words, no-repeat n-grams and the fewest new tokens together leave none.");
        int id = _settings.Greedy ? best : Draw(logits, best);
        _generated++;
        Observe([id]);
        return id;
    }

    private int Draw(ReadOnlySpan<float> logits, int best)
    {
        double[] weights = ProbabilityFilters.Apply(_settings, logits, best);
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

    private static int ArgMax(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
            if (logits[i] > logits[best] || float.IsNaN(logits[best])) best = i;
        return best;
    }
}

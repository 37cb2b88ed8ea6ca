using Studio.Core.Generation;

namespace Studio.Tests.Generation;

/// <summary>How often each token is drawn, against the probabilities written out from the definition of each setting.</summary>
public sealed class LogitsPipelineTests
{
    private const int Draws = 20_000;
    private static readonly float[] Logits = [2.0f, -1.0f, 0.5f, 1.6f, -3.0f, 1.0f, 0.0f];

    [Theory]
    [InlineData(0.5)]
    [InlineData(1.0)]
    [InlineData(3.0)]
    public void Next_Temperature_DrawsFromTheSoftmax(double temperature) =>
        AssertDrawn(Softmax(Logits, temperature), new SamplingSettings { Temperature = temperature, TopP = 1 });

    [Fact]
    public void Next_TopK_DrawsFromTheKLikeliestAlone() =>
        AssertDrawn(Normalized(Softmax(Logits, 1), keep: i => i is 0 or 3 or 5), new SamplingSettings { Temperature = 1, TopP = 1, TopK = 3 });

    [Fact]
    public void Next_TopP_DrawsFromTheSmallestSetThatReachesIt()
    {
        double[] p = Softmax(Logits, 1); // 0.41, 0.02, 0.09, 0.28, 0.003, 0.15, 0.056
        Assert.True(p[0] + p[3] < 0.75 && p[0] + p[3] + p[5] > 0.75);
        AssertDrawn(Normalized(p, keep: i => i is 0 or 3 or 5), new SamplingSettings { Temperature = 1, TopP = 0.75 });
        Assert.True(p[0] < 0.5 && p[0] + p[3] > 0.5);
        AssertDrawn(Normalized(p, keep: i => i is 0 or 3), new SamplingSettings { Temperature = 1, TopP = 0.5 });
        AssertDrawn(Normalized(p, keep: i => i is 0), new SamplingSettings { Temperature = 1, TopP = 0.01 });
    }

    [Fact]
    public void Next_TopKAndTopP_TheNucleusIsOfWhatTopKLeft()
    {
        double[] p = Normalized(Softmax(Logits, 1), keep: i => i is 0 or 3 or 5);
        Assert.True(p[0] + p[3] > 0.8);
        // Of all tokens the same two would not reach it.
        Assert.True(Softmax(Logits, 1)[0] + Softmax(Logits, 1)[3] < 0.8);
        AssertDrawn(Normalized(p, keep: i => i is 0 or 3), new SamplingSettings { Temperature = 1, TopK = 3, TopP = 0.8 });
    }

    [Fact]
    public void Next_MinP_DropsWhatIsLessLikelyThanThatPartOfTheBest()
    {
        double[] p = Softmax(Logits, 1);
        AssertDrawn(Normalized(p, keep: i => p[i] >= 0.3 * p[0]), new SamplingSettings { Temperature = 1, TopP = 1, MinP = 0.3 });
        // Temperature comes first, as in transformers: it changes who passes.
        double[] flat = Softmax(Logits, 3);
        Assert.True(flat.Count(value => value >= 0.3 * flat[0]) > p.Count(value => value >= 0.3 * p[0]));
        AssertDrawn(Normalized(flat, keep: i => flat[i] >= 0.3 * flat[0]), new SamplingSettings { Temperature = 3, TopP = 1, MinP = 0.3 });
    }

    [Fact]
    public void Next_RepetitionPenalty_DividesPositiveAndMultipliesNegativeLogits()
    {
        float[] penalized = [.. Logits];
        penalized[0] /= 1.5f;
        penalized[1] *= 1.5f;
        AssertDrawn(Softmax(penalized, 1), new SamplingSettings { Temperature = 1, TopP = 1, RepetitionPenalty = 1.5 }, observed: [0, 1, 0]);
    }

    [Fact]
    public void Next_GreedyWithRepetitionPenalty_PenalizesWhatItHasChosen()
    {
        var pipeline = new LogitsPipeline(new SamplingSettings { Greedy = true, RepetitionPenalty = 1.5 }, seed: 1);
        // 2 / 1.5 = 1.33 is behind 1.6; then 1.6 / 1.5 = 1.07 is behind 1.33.
        Assert.Equal([0, 3, 0], Enumerable.Range(0, 3).Select(_ => pipeline.Next([.. Logits])));
    }

    [Fact]
    public void Next_Greedy_TakesTheFirstOfTheLikeliest()
    {
        var pipeline = new LogitsPipeline(new SamplingSettings { Greedy = true, Temperature = 5, TopK = 1 }, seed: 1);
        Assert.Equal(1, pipeline.Next([float.NegativeInfinity, 3, 3, 2]));
    }

    [Fact]
    public void Next_SameSeed_SameDraws()
    {
        var settings = new SamplingSettings { Temperature = 1, TopP = 1 };
        Assert.Equal(Sequence(settings, 7), Sequence(settings, 7));
        Assert.NotEqual(Sequence(settings, 7), Sequence(settings, 8));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Next_NoFiniteBest_Throws(float value)
    {
        var pipeline = new LogitsPipeline(new SamplingSettings(), seed: 1);
        Assert.Throws<InvalidOperationException>(() => pipeline.Next([value, value]));
    }

    [Fact]
    public void Create_SettingsWithProblems_NamesAllOfThem()
    {
        var settings = new SamplingSettings { Temperature = 0, TopK = -1, TopP = 0, MinP = 1, RepetitionPenalty = double.NaN, MaxNewTokens = 0, Stop = [""] };
        string message = Assert.Throws<ArgumentException>(() => new LogitsPipeline(settings, 1)).Message;
        foreach (string part in new[] { "Temperature is 0", "Top-k is -1", "Top-p is 0", "Min-p is 1", "Repetition penalty is NaN", "new tokens are 0", "stop text is empty" })
            Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Next_TopKBetweenEqualTokens_KeepsAllOfThem()
    {
        float[] logits = [1, 3, 1, 0, 1];
        var pipeline = new LogitsPipeline(new SamplingSettings { Temperature = 100, TopP = 1, TopK = 2 }, seed: 1);
        Assert.Equal([0, 1, 2, 4], Enumerable.Range(0, 200).Select(_ => pipeline.Next([.. logits])).Distinct().Order());
    }

    [Fact]
    public void Next_TypicalP_DrawsFromTheTokensNearestToTheEntropy()
    {
        double[] p = Softmax(Logits, 1);
        double entropy = -p.Sum(value => value * Math.Log(value));
        int[] order = [.. Enumerable.Range(0, p.Length).OrderBy(i => Math.Abs(-Math.Log(p[i]) - entropy))];
        // 1.48 nats: the surprise of the second likeliest is 1.30, of the third 1.90, of the likeliest 0.90.
        Assert.Equal([3, 5, 0], order[..3]);
        AssertDrawn(Normalized(p, keep: i => i == 3), new SamplingSettings { Temperature = 1, TopP = 1, TypicalP = 0.2 });
        AssertDrawn(Normalized(p, keep: i => i is 3 or 5), new SamplingSettings { Temperature = 1, TopP = 1, TypicalP = 0.4 });
        AssertDrawn(Normalized(p, keep: i => i is 0 or 3 or 5), new SamplingSettings { Temperature = 1, TopP = 1, TypicalP = 0.5 });
    }

    [Fact]
    public void Next_EpsilonCutoff_DropsWhatIsLessLikely()
    {
        double[] p = Softmax(Logits, 1);
        AssertDrawn(Normalized(p, keep: i => p[i] >= 0.1), new SamplingSettings { Temperature = 1, TopP = 1, EpsilonCutoff = 0.1 });
        AssertDrawn(Normalized(p, keep: i => i == 0), new SamplingSettings { Temperature = 1, TopP = 1, EpsilonCutoff = 0.9 });
    }

    [Fact]
    public void Next_EtaCutoff_IsTheSmallerOfTwoBounds()
    {
        double[] p = Softmax(Logits, 1);
        double entropy = -p.Sum(value => value * Math.Log(value)), low = Math.Sqrt(0.3) * Math.Exp(-entropy);
        Assert.InRange(low, 0.1, 0.3);
        AssertDrawn(Normalized(p, keep: i => p[i] >= low), new SamplingSettings { Temperature = 1, TopP = 1, EtaCutoff = 0.3 });
        Assert.True(Math.Sqrt(0.05) * Math.Exp(-entropy) > 0.05);
        AssertDrawn(Normalized(p, keep: i => p[i] >= 0.05), new SamplingSettings { Temperature = 1, TopP = 1, EtaCutoff = 0.05 });
    }

    [Fact]
    public void Next_NoRepeatNgrams_ForbidsWhatWouldCompleteOneAgain()
    {
        // Of the pairs (0 3) and (3 0), the second would come again after 3.
        var pipeline = new LogitsPipeline(new SamplingSettings { Greedy = true, NoRepeatNgramSize = 2 }, seed: 1);
        pipeline.Observe([0, 3, 0]);
        // After 0 the pair (0 3) is forbidden, (0 0) is not; then (0 0) is forbidden too, and the third likeliest comes.
        Assert.Equal([0, 5, 0, 2], Enumerable.Range(0, 4).Select(_ => pipeline.Next([.. Logits])));
        var short1 = new LogitsPipeline(new SamplingSettings { Greedy = true, NoRepeatNgramSize = 1 }, seed: 1);
        Assert.Equal([0, 3, 5, 2, 6, 1, 4], Enumerable.Range(0, 7).Select(_ => short1.Next([.. Logits])));
        Assert.Contains("forbid every token", Assert.Throws<InvalidOperationException>(() => short1.Next([.. Logits])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Next_BadWords_ForbidTheLastTokenAfterTheOthers()
    {
        var pipeline = new LogitsPipeline(new SamplingSettings { Greedy = true, BadWords = [[3], [9, 9, 0], [5, 0], [6]] }, seed: 1, endIds: [6]);
        pipeline.Observe([9, 5]);
        // 0 completes (5 0), 3 is forbidden alone; after it 0 is free again.
        Assert.Equal([5, 5], Enumerable.Range(0, 2).Select(_ => pipeline.Next([.. Logits])));
        float[] end = [0, 0, 0, 9, 0, 0, 8];
        Assert.Equal(6, pipeline.Next(end));
        // A word as long as the sequence and one more token waits, as in transformers.
        var fresh = new LogitsPipeline(new SamplingSettings { Greedy = true, BadWords = [[5, 0]] }, seed: 1);
        fresh.Observe([5]);
        Assert.Equal(0, fresh.Next([.. Logits]));
    }

    [Fact]
    public void Next_FewestTokens_KeepsTheEndAwayUntilThen()
    {
        var pipeline = new LogitsPipeline(new SamplingSettings { Greedy = true, MinNewTokens = 2 }, seed: 1, endIds: [0, 3]);
        pipeline.Observe([1, 1, 1, 1]);
        Assert.Equal([5, 5, 0], Enumerable.Range(0, 3).Select(_ => pipeline.Next([.. Logits])));
    }

    [Fact]
    public void Next_SuppressedTokens_NeverCome() =>
        AssertDrawn(Normalized(Softmax(Logits, 1), keep: i => i is not (0 or 2)), new SamplingSettings { Temperature = 1, TopP = 1, SuppressTokens = [0, 2] });

    private static void AssertDrawn(double[] expected, SamplingSettings settings, int[]? observed = null)
    {
        var counts = new int[expected.Length];
        for (int i = 0; i < Draws; i++)
        {
            // Each answer has a source of its own: the draws are of 20,000 seeds.
            var pipeline = new LogitsPipeline(settings, (ulong)i);
            pipeline.Observe(observed ?? []);
            counts[pipeline.Next([.. Logits])]++;
        }
        for (int i = 0; i < expected.Length; i++)
        {
            if (expected[i] == 0) Assert.Equal(0, counts[i]);
            // Four standard deviations; the seeds are fixed.
            else Assert.Equal(expected[i], (double)counts[i] / Draws, 4 * Math.Sqrt(expected[i] * (1 - expected[i]) / Draws) + 1e-9);
        }
    }

    private static int[] Sequence(SamplingSettings settings, ulong seed)
    {
        var pipeline = new LogitsPipeline(settings, seed);
        return [.. Enumerable.Range(0, 50).Select(_ => pipeline.Next([.. Logits]))];
    }

    private static double[] Softmax(float[] logits, double temperature)
    {
        double[] weights = [.. logits.Select(logit => Math.Exp(logit / temperature))];
        return [.. weights.Select(weight => weight / weights.Sum())];
    }

    private static double[] Normalized(double[] probabilities, Func<int, bool> keep)
    {
        double[] kept = [.. probabilities.Select((p, i) => keep(i) ? p : 0)];
        return [.. kept.Select(p => p / kept.Sum())];
    }

    [Theory]
    [InlineData(0, 0.9, 0)]
    [InlineData(0, 1, 0.05)]
    [InlineData(50, 1, 0)]
    [InlineData(2000, 0.999, 0.001)]
    [InlineData(0, 0.99999999, 0)]
    [InlineData(100_000, 0.5, 0)]
    public void Apply_LargeVocabulary_KeepsWhatTheWholeOrderKeeps(int topK, double topP, double minP)
    {
        var random = new Studio.Core.Data.RandomSource(5);
        // Some tie, as rounded logits do.
        float[] logits = [.. Enumerable.Range(0, 50_000).Select(_ => (float)Math.Round(20 * Math.Pow(random.NextDouble(), 3), 2))];
        int best = Array.IndexOf(logits, logits.Max());
        double[] weights = [.. logits.Select(logit => Math.Exp(logit - logits[best]))];
        var order = Enumerable.Range(0, weights.Length).OrderByDescending(id => weights[id]).ToList();
        if (topK > 0) order = [.. order.TakeWhile(id => weights[id] >= weights[order[Math.Min(topK, order.Count) - 1]])];
        double mass = topP * order.Sum(id => weights[id]), sum = 0;
        if (topP < 1) order = [.. order.TakeWhile(id => (sum += weights[id]) - weights[id] < mass)];
        var kept = order.Where(id => weights[id] >= minP).ToHashSet();
        double[] filtered = ProbabilityFilters.Apply(new SamplingSettings { Temperature = 1, TopK = topK, TopP = topP, MinP = minP }, logits, best);
        Assert.Equal(kept.Order(), Enumerable.Range(0, filtered.Length).Where(id => filtered[id] > 0));
        Assert.All(kept, id => Assert.Equal(weights[id], filtered[id]));
        Assert.InRange(kept.Count, 10, 49_999);
    }
}

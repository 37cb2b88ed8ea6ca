namespace Studio.Core.Generation;

/// <summary>
/// What shapes a draw, as the warpers of transformers' <c>generation/logits_process.py</c> with one token to keep. They act on weights
/// [vocabulary]: probabilities up to a common factor, 0 for a token that is out. Each acts on what those before it left.
/// </summary>
internal static class ProbabilityFilters
{
    /// <summary>The weights to draw from. The likeliest token weighs 1 before the filters.</summary>
    public static double[] Apply(SamplingSettings settings, ReadOnlySpan<float> logits, int best)
    {
        float max = logits[best];
        double inverse = 1 / settings.Temperature;
        var weights = new double[logits.Length];
        for (int i = 0; i < weights.Length; i++) weights[i] = Math.Exp((logits[i] - max) * inverse) is var weight && double.IsNaN(weight) ? 0 : weight;
        if (settings.TopK > 0 || settings.TopP < 1 || settings.MinP > 0) Top(weights, settings);
        if (settings.TypicalP < 1) Typical(weights, settings.TypicalP);
        if (settings.EpsilonCutoff > 0) Below(weights, settings.EpsilonCutoff);
        if (settings.EtaCutoff > 0) Below(weights, Eta(weights, settings.EtaCutoff));
        return weights;
    }

    // TopKLogitsWarper, TopPLogitsWarper and MinPLogitsWarper keep a beginning of the order by weight.
    private static void Top(double[] weights, SamplingSettings settings)
    {
        var order = Beginning(weights, settings);
        int kept = order.Length;
        if (settings.TopK > 0 && settings.TopK < kept)
        {
            kept = settings.TopK;
            while (kept < order.Length && weights[order[kept]] == weights[order[settings.TopK - 1]]) kept++;
        }
        kept = Nucleus(weights, order, kept, settings);
        if (settings.MinP > 0)
            while (kept > 1 && weights[order[kept - 1]] < settings.MinP * weights[order[0]]) kept--;
        var left = new double[kept];
        for (int i = 0; i < kept; i++) left[i] = weights[order[i]];
        Array.Clear(weights);
        for (int i = 0; i < kept; i++) weights[order[i]] = left[i];
    }

    // As much of the order by weight as the filters look at. Sorting a whole vocabulary would take longer than many a model needs for a token, and few
    // tokens have almost all of the probability.
    private static int[] Beginning(double[] weights, SamplingSettings settings)
    {
        double wanted = settings.TopK == 0 && settings.TopP < 1 ? settings.TopP * weights.Sum() : 0;
        int fewest = settings.TopK > 0 ? Math.Min(settings.TopK, weights.Length) : 1;
        for (double least = settings is { TopK: 0, TopP: >= 1 } ? settings.MinP : 1e-3; ; least = least > 1e-12 ? least * 1e-3 : 0)
        {
            int count = 0;
            double sum = 0;
            foreach (double weight in weights)
            {
                if (weight < least) continue;
                count++;
                sum += weight;
            }
            if (least > 0 && (count < fewest || sum < wanted)) continue;
            var ids = new int[count];
            for (int id = 0, at = 0; id < weights.Length; id++)
                if (weights[id] >= least) ids[at++] = id;
            return Sorted(ids, id => -weights[id]);
        }
    }

    private static int Nucleus(double[] weights, int[] order, int kept, SamplingSettings settings)
    {
        double topP = settings.TopP;
        if (topP >= 1) return kept;
        double total = settings.TopK == 0 ? weights.Sum() : order.Take(kept).Sum(id => weights[id]);
        double sum = 0;
        for (int i = 0; i < kept; i++)
        {
            sum += weights[order[i]];
            if (sum >= topP * total) return i + 1;
        }
        return kept;
    }

    // Meister et al. 2022 (locally typical sampling), TypicalLogitsWarper.
    private static void Typical(double[] weights, double mass)
    {
        double total = weights.Sum(), entropy = Entropy(weights);
        double Distance(double weight) => weight > 0 ? Math.Abs(-Math.Log(weight / total) - entropy) : double.PositiveInfinity;
        var order = Sorted([.. Enumerable.Range(0, weights.Length)], id => Distance(weights[id]));
        int last = 0;
        for (double sum = weights[order[0]] / total; sum < mass && last < order.Length - 1; sum += weights[order[last]] / total) last++;
        double farthest = Distance(weights[order[last]]);
        foreach (int id in order)
            if (Distance(weights[id]) > farthest) weights[id] = 0;
    }

    // Hewitt et al. 2022 (truncation as desmoothing), EtaLogitsWarper.
    private static double Eta(double[] weights, double epsilon) => Math.Min(epsilon, Math.Sqrt(epsilon) * Math.Exp(-Entropy(weights)));

    // EpsilonLogitsWarper: the likeliest tokens stay whatever their probability.
    private static void Below(double[] weights, double cutoff)
    {
        double total = weights.Sum(), most = weights.Max();
        for (int i = 0; i < weights.Length; i++)
            if (weights[i] < cutoff * total && weights[i] < most) weights[i] = 0;
    }

    private static double Entropy(double[] weights)
    {
        double total = weights.Sum(), entropy = 0;
        foreach (double weight in weights)
            if (weight > 0) entropy -= weight / total * Math.Log(weight / total);
        return entropy;
    }

    // Equal keys keep the order of their ids: the draw is the same everywhere.
    private static int[] Sorted(int[] ids, Func<int, double> key)
    {
        var keys = new double[ids.Length];
        for (int i = 0; i < keys.Length; i++) keys[i] = key(ids[i]);
        Array.Sort(keys, ids);
        for (int start = 0, end; start < ids.Length; start = end)
        {
            for (end = start + 1; end < ids.Length && keys[end] == keys[start];) end++;
            if (end - start > 1) Array.Sort(ids, start, end - start);
        }
        return ids;
    }
}

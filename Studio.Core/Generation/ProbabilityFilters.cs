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
        var order = SortedBy(weights, weight => -weight);
        int kept = order.Length;
        if (settings.TopK > 0 && settings.TopK < kept)
        {
            kept = settings.TopK;
            while (kept < order.Length && weights[order[kept]] == weights[order[settings.TopK - 1]]) kept++;
        }
        kept = Nucleus(weights, order, kept, settings.TopP);
        if (settings.MinP > 0)
            while (kept > 1 && weights[order[kept - 1]] < settings.MinP * weights[order[0]]) kept--;
        for (int i = kept; i < order.Length; i++) weights[order[i]] = 0;
    }

    private static int Nucleus(double[] weights, int[] order, int kept, double topP)
    {
        if (topP >= 1) return kept;
        double total = 0;
        for (int i = 0; i < kept; i++) total += weights[order[i]];
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
        var order = SortedBy(weights, Distance);
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

    private static int[] SortedBy(double[] weights, Func<double, double> key)
    {
        double[] keys = [.. weights.Select(key)];
        var order = new int[weights.Length];
        for (int i = 0; i < order.Length; i++) order[i] = i;
        // Equal keys keep the order of their ids: the draw is the same everywhere.
        Array.Sort(order, (a, b) => keys[a] != keys[b] ? keys[a].CompareTo(keys[b]) : a.CompareTo(b));
        return order;
    }
}

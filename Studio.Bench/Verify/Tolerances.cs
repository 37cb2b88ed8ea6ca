namespace Studio.Bench.Verify;

/// <summary>How far fp32 results may lie from the reference.</summary>
internal static class Tolerances
{
    public const double Logits = 2e-4;

    public const double Loss = 2e-5;

    public const double Merged = 1e-5;

    public const double TraceLoss = 1e-4;

    /// <summary>Of a gradient norm, relative to it.</summary>
    public const double TraceNorm = 1e-3;

    public const double TraceFinal = 2e-4;

    /// <summary>Adam amplifies the sign noise of tiny gradients: a few elements may lie this far off.</summary>
    public const double TraceFinalOutlier = 1e-3;

    public const double TraceOutlierShare = 1e-3;

    /// <summary>Below this gap between the best and the second-best logit another token is no error.</summary>
    public const double GenerationMargin = 5e-4;

    /// <summary>2e-5 absolute, or 1e-4 of the largest element.</summary>
    public static double Gradient(ReadOnlySpan<float> expected)
    {
        float largest = 0;
        foreach (float value in expected) largest = Math.Max(largest, Math.Abs(value));
        return Math.Max(2e-5, 1e-4 * largest);
    }
}

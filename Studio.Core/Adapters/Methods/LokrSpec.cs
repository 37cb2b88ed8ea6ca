using Studio.Core.Models;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.LokrSpec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of LoKr, as PEFT's <c>LoKrConfig</c> names them.</summary>
public sealed record LokrSpec : LycorisSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "lokr";

    /// <summary>The settings on files and forms.</summary>
    internal static IReadOnlyList<MethodSetting> Settings { get; } =
    [
        .. LycorisSettings<LokrSpec>.Of("true begins without effect (the left factor is zero), lycoris likewise with the right factor zero, false at random values.", "lycoris"),
        Flag("decompose_both", "Split both factors", "Splits the left factor into two low-rank matrices as well where the rank is small enough. Saves parameters on large layers.",
            spec => spec.DecomposeBoth, (spec, value) => spec with { DecomposeBoth = value }, advanced: true),
        Number("decompose_factor", "Size of the left factor", "Rows and columns of the left factor: -1 takes the divisor nearest to the square root; 4 to 16 makes the right factor, and so the update, larger.",
            spec => spec.DecomposeFactor, (spec, value) => spec with { DecomposeFactor = (int)value }, value => value == -1 || (value >= 1 && value == Math.Floor(value)), "-1, or a whole number from 1", absent: -1, advanced: true),
        Flag("rank_dropout_scale", "Scale rank dropout", "Makes up for dropped output features by scaling the others.",
            spec => spec.RankDropoutScale, (spec, value) => spec with { RankDropoutScale = value }, advanced: true),
    ];

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Whether the left factor too is split in two where the rank is small enough.</summary>
    public bool DecomposeBoth { get; init; }

    /// <summary>Wanted size of the left factor, or -1 for the divisor nearest to the square root.</summary>
    public int DecomposeFactor { get; init; } = -1;

    /// <summary>Whether rank dropout makes up for the dropped share.</summary>
    public bool RankDropoutScale { get; init; }
}

/// <summary>Sizes of a module's Kronecker factors: w1 [LeftOut, LeftIn], w2 [RightOut, RightIn].</summary>
internal readonly record struct KroneckerShape(int LeftOut, int RightOut, int LeftIn, int RightIn)
{
    /// <summary>PEFT's rule (<c>factorization</c>): the wanted factor where it divides, else the largest divisor up to it and to the square root.</summary>
    public static KroneckerShape Of(ModuleTarget module, int factor)
    {
        var (leftIn, rightIn) = Factors(module.InputFeatures, factor);
        var (leftOut, rightOut) = Factors(module.OutputFeatures, factor);
        return new KroneckerShape(leftOut, rightOut, leftIn, rightIn);
    }

    /// <summary>Whether w1 is one matrix.</summary>
    public bool IsLeftWhole(int rank, bool decomposeBoth) => !(decomposeBoth && rank < Math.Max(LeftOut, LeftIn) / 2.0);

    /// <summary>Whether w2 is one matrix.</summary>
    public bool IsRightWhole(int rank) => !(rank < Math.Max(RightOut, RightIn) / 2.0);

    /// <summary>Two factors of a number; the first is the smaller one unless the wanted factor is larger than the other.</summary>
    internal static (int Left, int Right) Factors(int number, int factor)
    {
        if (factor > 0 && number % factor == 0) return (factor, number / factor);
        int best = 1;
        for (int divisor = 2; (long)divisor * divisor <= number && (factor == -1 || divisor <= factor); divisor++)
            if (number % divisor == 0) best = divisor;
        return (best, number / best);
    }
}

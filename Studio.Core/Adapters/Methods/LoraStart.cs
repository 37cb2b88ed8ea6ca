using System.Globalization;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>Two factors of an update B A: A [r, in], B [out, r].</summary>
internal readonly record struct LoraPair(Tensor A, Tensor B);

/// <summary>
/// How a LoRA starts (PEFT <c>init_lora_weights</c>). PiSSA (Meng et al. 2024) and OLoRA (Büyükakyüz 2024) start at a part of W itself, which PEFT then takes out of
/// the base's weight. The base is shared here, so the part stays in it and the update counts from its start: y += scale (B A - B0 A0) x.
/// </summary>
public static class LoraStart
{
    /// <summary>A uniform in +-1/sqrt(in) (Kaiming with a = sqrt 5), B zero.</summary>
    public const string Standard = "true";

    /// <summary>A and B both uniform: the start differs from the base.</summary>
    public const string Random = "false";

    private const string Gaussian = "gaussian", Pissa = "pissa", FastPissa = "pissa_niter_", Olora = "olora", Orthogonal = "orthogonal";

    // They need data or a quantised base while they are computed. Values that were computed elsewhere are like any others.
    private static readonly string[] ComputedElsewhere = ["eva", "corda", "loftq"];

    /// <summary>The words to choose from.</summary>
    public static IReadOnlyList<string> Words { get; } = [Standard, Random, Gaussian, Pissa, FastPissa + "16", Olora, Orthogonal];

    /// <summary>Whether the update starts at a part of the base's weight.</summary>
    internal static bool TakesFromBase(string word) => word == Pissa || Iterations(word) is not null || string.Equals(word, Olora, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether that part is found at random, so that it cannot be computed again.</summary>
    internal static bool IsRandomPart(string word) => Iterations(word) is not null;

    internal static IEnumerable<string> Problems(LoraSpec spec)
    {
        string word = spec.Initialisation;
        bool known = word is Standard or Random or Gaussian or Orthogonal || TakesFromBase(word) || ComputedElsewhere.Any(other => word.StartsWith(other, StringComparison.Ordinal));
        if (!known) yield return $"Initialisation is '{word}'; expected one of {string.Join(", ", Words)}.";
        if (word == Orthogonal && spec.RankPattern.Values.Append(spec.Rank).Any(rank => rank % 2 != 0)) yield return "Orthogonal initialisation needs even ranks.";
        if (TakesFromBase(word) && spec.Rank > LoraSpec.MaximumRank / 2) yield return $"Rank is {spec.Rank}; with {word} it is stored as twice that, expected at most {LoraSpec.MaximumRank / 2}.";
        if (spec.UseBias && word is not (Standard or Random)) yield return $"A bias of the update goes with initialisation true or false, not with {word}.";
    }

    /// <summary>Refuses to start with what is computed from data.</summary>
    /// <exception cref="NotSupportedException">The initialisation needs data or a quantised base.</exception>
    internal static void RequireComputable(string word)
    {
        if (ComputedElsewhere.Any(other => word.StartsWith(other, StringComparison.Ordinal)))
            throw new NotSupportedException($"The initialisation '{word}' is computed from data or a quantised base, which is not supported; expected one of {string.Join(", ", Words)}.");
    }

    /// <summary>Sets the values of one target.</summary>
    internal static void Fill(string word, LoraTarget target, LoraPair pair, Tensor? bias, AdapterSite site, Generator random)
    {
        if (bias is not null && word == Random) Initial.Uniform(bias, target.Rank, random);
        else bias?.zero_();
        if (target.IsEmbedding)
        {
            // As PEFT does, whatever the word: A zero, so that tokens that never occur stay as they are.
            _ = word == Random ? pair.A.normal_(0, 1, random) : pair.A.zero_();
            pair.B.normal_(0, 1, random);
            return;
        }
        switch (word)
        {
            case Random:
                Initial.KaimingUniform(pair.A, random);
                Initial.KaimingUniform(pair.B, random);
                break;
            case Gaussian:
                pair.A.normal_(0, 1.0 / target.Rank, random);
                pair.B.zero_();
                break;
            case Orthogonal:
                FillOrthogonal(target, pair, random);
                break;
            case not null when TakesFromBase(word):
                var part = PartOfBase(word, target, site, random);
                pair.A.copy_(part.A);
                pair.B.copy_(part.B);
                break;
            default:
                Initial.KaimingUniform(pair.A, random);
                pair.B.zero_();
                break;
        }
    }

    /// <summary>The part of W that the update starts at, scale B A; computed in a dispose scope of the caller.</summary>
    internal static LoraPair PartOfBase(string word, LoraTarget target, AdapterSite site, Generator? random)
    {
        var weight = site.Weights($"The initialisation '{word}' needs the weights of its target modules").Weight(target.Module.Layer).to(site.Type); // [out, in]
        long rank = Math.Min(target.Rank, Math.Min(weight.size(0), weight.size(1)));
        if (string.Equals(word, Olora, StringComparison.OrdinalIgnoreCase))
        {
            var (q, r) = linalg.qr(weight);
            return Fit(target, r.narrow(0, 0, rank), q.narrow(1, 0, rank));
        }
        var (u, s, vh) = Iterations(word) is { } iterations ? LowRank(weight, rank, iterations, random!) : linalg.svd(weight, fullMatrices: false);
        var root = (s.narrow(0, 0, rank) / target.Scale).sqrt();
        return Fit(target, root.unsqueeze(1) * vh.narrow(0, 0, rank), u.narrow(1, 0, rank) * root);
    }

    // A rank above the weight's own leaves directions without content.
    private static LoraPair Fit(LoraTarget target, Tensor a, Tensor b)
    {
        long missing = target.Rank - a.size(0);
        return missing == 0 ? new LoraPair(a, b) : new LoraPair(nn.functional.pad(a, [0, 0, 0, missing]), nn.functional.pad(b, [0, missing]));
    }

    // Halko et al. 2009, algorithms 4.4 and 5.1, as torch.svd_lowrank does it.
    private static (Tensor U, Tensor S, Tensor Vh) LowRank(Tensor weight, long rank, int iterations, Generator random)
    {
        var (range, _) = linalg.qr(weight.matmul(randn([weight.size(1), rank], dtype: weight.dtype, device: weight.device, generator: random)));
        for (int i = 0; i < iterations; i++)
        {
            var (rows, _) = linalg.qr(weight.t().matmul(range));
            (range, _) = linalg.qr(weight.matmul(rows));
        }
        var (u, s, vh) = linalg.svd(range.t().matmul(weight), fullMatrices: false);
        return (range.matmul(u), s, vh);
    }

    // Odd rows of one orthogonal matrix for A, even rows for B: B A = 0 at the start although neither is zero.
    private static void FillOrthogonal(LoraTarget target, LoraPair pair, Generator random)
    {
        long half = target.Rank / 2;
        var (q, _) = linalg.qr(Normal(target.Rank, target.Rank));
        var pairs = q.view(half, 2, target.Rank);
        pair.A.copy_(Normal(target.Module.InputFeatures, half).matmul(pairs.select(1, 0)).t() / 10);
        pair.B.copy_(Normal(target.Module.OutputFeatures, half).matmul(pairs.select(1, 1)) / 10);

        Tensor Normal(long rows, long columns) => randn([rows, columns], dtype: pair.A.dtype, device: pair.A.device, generator: random);
    }

    private static int? Iterations(string word) =>
        word.StartsWith(FastPissa, StringComparison.Ordinal) && int.TryParse(word.AsSpan(FastPissa.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : null;
}

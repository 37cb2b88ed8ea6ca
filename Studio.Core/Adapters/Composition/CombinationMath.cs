using static TorchSharp.torch;

namespace Studio.Core.Adapters.Composition;

/// <summary>How signs are elected where adapters disagree.</summary>
public enum SignElection
{
    /// <summary>By the sum of the values.</summary>
    Total,

    /// <summary>By the number of adapters.</summary>
    Frequency,
}

/// <summary>
/// Sums of task tensors of one shape (PEFT <c>merge_utils</c>): plain; after keeping each tensor's largest values; TIES (Yadav et al. 2023,
/// arXiv 2306.01708); DARE (Yu et al. 2023, arXiv 2311.03099). All results join the caller's dispose scope.
/// </summary>
internal static class CombinationMath
{
    /// <summary>sum of w_i t_i.</summary>
    public static Tensor Sum(IReadOnlyList<Tensor> tensors, IReadOnlyList<double> weights) =>
        tensors.Zip(weights, (tensor, weight) => tensor * weight).Aggregate((a, b) => a + b);

    /// <summary>Keeps the part of a tensor's values that is largest in size; the rest becomes 0.</summary>
    public static Tensor KeepLargest(Tensor tensor, double density)
    {
        if (density >= 1) return tensor;
        long keep = (long)(density * tensor.numel());
        var mask = zeros_like(tensor).flatten();
        if (keep > 0) mask.index_fill_(0, tensor.abs().flatten().topk((int)keep).indexes, 1);
        return tensor * mask.view(tensor.shape);
    }

    /// <summary>Keeps each value with a probability and makes up for what is dropped.</summary>
    public static Tensor KeepAtRandom(Tensor tensor, double density, Generator random) =>
        density >= 1 ? tensor : tensor * empty_like(tensor).bernoulli_(density, random) / density;

    /// <summary>Sum of the weighted values whose sign is the majority's, over how many they are.</summary>
    public static Tensor SumOfMajority(IReadOnlyList<Tensor> tensors, IReadOnlyList<double> weights, SignElection election)
    {
        var all = stack(tensors, 0); // [n, ...]
        var signs = all.sign();
        var balance = election == SignElection.Total ? all.sum([0]) : signs.sum([0]);
        var majority = where(balance.ge(0), ones_like(balance), -ones_like(balance));
        var agrees = signs.eq(majority).to(all.dtype);
        var factors = tensor(weights.ToArray(), dtype: all.dtype, device: all.device).view([all.size(0), .. Enumerable.Repeat(1L, (int)all.dim() - 1)]);
        return (all * factors * agrees).sum([0]) / agrees.sum([0]).clamp_min(1);
    }
}

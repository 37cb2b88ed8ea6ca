using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>Names of one module's triplets: A [r, in], E [r, 1], B [out, r].</summary>
/// <param name="Key">Its key in the rank pattern.</param>
/// <param name="A">Name of A.</param>
/// <param name="E">Name of E.</param>
/// <param name="B">Name of B.</param>
internal sealed record AdaLoraTriplets(string Key, string A, string E, string B);

/// <summary>
/// AdaLoRA's allocation of ranks (PEFT <c>RankAllocator</c>): the importance of a value is |value * gradient|, smoothed (beta1), times its smoothed uncertainty
/// (beta2). A triplet counts E's importance plus the means of its row of A and its column of B. Each allocation sets the E of the least important triplets of all
/// modules to zero, so many that the rest is the budget, which falls by the third power from the initial to the final rank.
/// </summary>
internal sealed class AdaLoraAllocator(AdaLoraSpec spec, IReadOnlyList<AdaLoraTriplets> modules, FlatParameters parameters) : IDisposable
{
    private Tensor? _importance;
    private Tensor? _uncertainty;

    /// <summary>Which triplets each module keeps, or null before the first allocation.</summary>
    public Dictionary<string, IReadOnlyList<bool>>? Kept { get; set; }

    /// <summary>Smoothed importance of every value of the adapter; zero before the first step.</summary>
    public Tensor Importance => _importance ??= zeros_like(parameters.Values, requires_grad: false).Owned();

    /// <summary>Smoothed uncertainty of every value of the adapter.</summary>
    public Tensor Uncertainty => _uncertainty ??= zeros_like(parameters.Values, requires_grad: false).Owned();

    /// <summary>After the optimizer's step, while its gradients are there (PEFT <c>update_and_allocate</c>).</summary>
    /// <param name="step">0-based step.</param>
    /// <param name="total">Steps of the training.</param>
    public void AfterStep(long step, long total)
    {
        long last = total - spec.LastSteps;
        if (spec.FirstSteps >= last) return; // no room for an allocation
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        if (step < last)
        {
            Observe();
            if (step > spec.FirstSteps && step % spec.Interval == 0) Allocate(Budget(step, last));
        }
        else if (step == last)
        {
            Allocate(Budget(step, last));
            Release();
        }
        else if (Kept is not null) Mask();
    }

    /// <summary>Frees the observations.</summary>
    public void Dispose() => Release();

    private long Start => (long)spec.InitialRank * modules.Count;

    private long Budget(long step, long last)
    {
        long target = (long)spec.TargetRank * modules.Count;
        double left = 1 - (double)(step - spec.FirstSteps) / (last - spec.FirstSteps);
        return (long)((Start - target) * Math.Pow(left, 3) + target);
    }

    private void Observe()
    {
        var now = (parameters.Values * parameters.Gradients).abs();
        Importance.mul_(spec.Beta1).add_(now, 1 - spec.Beta1);
        Uncertainty.mul_(spec.Beta2).add_((now - Importance).abs(), 1 - spec.Beta2);
    }

    private void Allocate(long budget)
    {
        var scores = modules.Select(module => Score(module.E).view(-1) + (Score(module.A).mean([1]) + Score(module.B).mean([0]))).ToList();
        long dropped = Start - budget;
        double threshold = double.NegativeInfinity;
        if (dropped > 0)
        {
            var (value, _) = cat(scores, 0).kthvalue(dropped, 0);
            threshold = value.to(ScalarType.Float64).item<double>();
        }
        Kept = modules.Zip(scores).ToDictionary(pair => pair.First.Key, pair => (IReadOnlyList<bool>)[.. pair.Second.to(ScalarType.Float64).cpu().data<double>().ToArray().Select(score => score > threshold)]);
        Mask();
    }

    private void Mask()
    {
        foreach (var module in modules)
        {
            var dropped = tensor(Kept![module.Key].Select(kept => !kept).ToArray(), dtype: ScalarType.Bool).to(parameters.Values.device);
            parameters[module.E].masked_fill_(dropped.unsqueeze(1), 0);
        }
    }

    private Tensor Score(string name) => parameters.Slice(Importance, name) * parameters.Slice(Uncertainty, name);

    private void Release()
    {
        _importance?.Dispose();
        _uncertainty?.Dispose();
        (_importance, _uncertainty) = (null, null);
    }
}

using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Training;

/// <summary>Constants of AdamW.</summary>
public sealed record AdamWOptions
{
    /// <summary>Decay of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay: every value shrinks by learning rate times this, at each step.</summary>
    public double WeightDecay { get; init; } = 0.01;
}

/// <summary>
/// AdamW (Loshchilov and Hutter 2019; <c>torch.optim.AdamW</c>) over flat buffers: one fused call updates every tensor of an adapter that learns at the
/// same rate. The
/// moments belong to the parameters; this object holds only the number of steps taken.
/// </summary>
public sealed class FlatAdamW(AdamWOptions options)
{
    /// <summary>Steps taken; set it, together with the moments, to resume from a checkpoint.</summary>
    public long Steps { get; set; }

    /// <summary>Updates values and moments in place from <see cref="FlatParameters.Gradients"/>.</summary>
    /// <param name="parameters">What is trained; its gradients must have been collected.</param>
    /// <param name="learningRate">Learning rate of this step.</param>
    /// <exception cref="InvalidOperationException">No gradients have been collected.</exception>
    public void Step(FlatParameters parameters, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var gradients = parameters.Gradients;
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        Steps++;
        var step = tensor((float)Steps, device: parameters.Values.device);
        foreach (var group in parameters.Groups)
        {
            ScriptKernels.FusedAdamW(Part(parameters.Values), Part(gradients), Part(parameters.FirstMoments), Part(parameters.SecondMoments), step,
                learningRate * group.LearningRateScale, options.Beta1, options.Beta2, options.WeightDecay, options.Epsilon);

            Tensor Part(Tensor flat) => parameters.Groups.Count == 1 ? flat : flat.narrow(0, group.Offset, group.Count);
        }
        parameters.Touch();
    }
}

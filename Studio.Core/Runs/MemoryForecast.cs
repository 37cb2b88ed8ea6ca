namespace Studio.Core.Runs;

/// <summary>Memory that a run is expected to take beside its base, which is in memory already, in bytes.</summary>
/// <param name="Values">The adapter's values, fp32.</param>
/// <param name="Moments">Both moments of its optimizer, fp32.</param>
/// <param name="Gradients">Its gradients and its tensors in the compute type, while a step runs.</param>
/// <param name="Activations">Activations of the largest micro-batch that the data can give, while a step runs.</param>
/// <param name="Logits">Logits of one chunk of the loss, while a step runs.</param>
public sealed record MemoryForecast(long Values, long Moments, long Gradients, long Activations, long Logits)
{
    /// <summary>What the figures of a step were multiplied with because steps on this base were measured to differ; 1 = nothing measured yet, or as calculated.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>Whether values and moments lie in files, whose memory goes back to the system between steps.</summary>
    public bool IsParked { get; init; }

    /// <summary>Held from the first step to the end, also between steps.</summary>
    public long Held => IsParked ? 0 : Values + Moments;

    /// <summary>Held while a step runs.</summary>
    public long Step => Gradients + Activations + Logits + (IsParked ? Values + Moments : 0);

    /// <summary>All of it.</summary>
    public long Total => Held + Step;

    /// <summary>The same with the figures of a step multiplied.</summary>
    internal MemoryForecast Calibrated(double factor) => this with
    {
        Gradients = (long)(Gradients * factor),
        Activations = (long)(Activations * factor),
        Logits = (long)(Logits * factor),
        Factor = Factor * factor,
    };
}

/// <summary>Memory of one run, in bytes: what was expected of it beside what was measured.</summary>
/// <param name="Predicted">What it is expected to take; null for a run of an earlier session.</param>
/// <param name="Measured">What it was measured to take at most: what it holds between steps, and its part of the growth of the process while its steps ran. Null before the first step that took long enough.</param>
/// <param name="Held">What it holds now, between its steps.</param>
public sealed record RunMemory(MemoryForecast? Predicted, long? Measured, long Held)
{
    /// <summary>Nothing known.</summary>
    public static RunMemory None { get; } = new(null, null, 0);
}

/// <summary>What a request would take, and whether there is room for it.</summary>
/// <param name="TrainableParameters">Trainable elements of its adapter.</param>
/// <param name="TotalSteps">Optimizer steps.</param>
/// <param name="Memory">Memory beside the base.</param>
/// <param name="Verdict">What happens if it is started now.</param>
public sealed record RunForecast(long TrainableParameters, int TotalSteps, MemoryForecast Memory, AdmissionVerdict Verdict);

using Studio.Core.Runs;

namespace Studio.Web.Api;

/// <summary>What a run would take, and what would happen if it were started now. Bytes beside the base, which is in memory already.</summary>
public sealed record RunForecastDto
{
    /// <summary>Trainable elements of its adapter.</summary>
    public required long TrainableParameters { get; init; }

    /// <summary>Optimizer steps.</summary>
    public required int TotalSteps { get; init; }

    /// <summary>The adapter's values.</summary>
    public required long ValueBytes { get; init; }

    /// <summary>Both moments of the optimizer.</summary>
    public required long MomentBytes { get; init; }

    /// <summary>Gradients, while a step runs.</summary>
    public required long GradientBytes { get; init; }

    /// <summary>Activations of the largest micro-batch, while a step runs.</summary>
    public required long ActivationBytes { get; init; }

    /// <summary>Logits of one chunk of the loss, while a step runs.</summary>
    public required long LogitBytes { get; init; }

    /// <summary>What the figures of a step were multiplied with after measuring steps on this base.</summary>
    public required double Factor { get; init; }

    /// <summary>fits, fitsChanged, startsAfter or neverFits.</summary>
    public required string Verdict { get; init; }

    /// <summary>The verdict in words.</summary>
    public required string Sentence { get; init; }

    /// <summary>Batch size with which it fits now; null where that does not help or is not needed.</summary>
    public required int? Batch { get; init; }

    /// <summary>The run that it would wait for; null where it would not wait for one.</summary>
    public required string? WaitsFor { get; init; }

    /// <summary>A forecast for the wire.</summary>
    public static RunForecastDto Of(RunForecast forecast)
    {
        ArgumentNullException.ThrowIfNull(forecast);
        var (memory, verdict) = (forecast.Memory, forecast.Verdict);
        return new RunForecastDto
        {
            TrainableParameters = forecast.TrainableParameters,
            TotalSteps = forecast.TotalSteps,
            ValueBytes = memory.Values,
            MomentBytes = memory.Moments,
            GradientBytes = memory.Gradients,
            ActivationBytes = memory.Activations,
            LogitBytes = memory.Logits,
            Factor = memory.Factor,
            Verdict = verdict switch { FitsNow => "fits", FitsChanged => "fitsChanged", StartsAfter => "startsAfter", _ => "neverFits" },
            Sentence = verdict.Sentence,
            Batch = (verdict as FitsChanged)?.Batch,
            WaitsFor = (((verdict as FitsChanged)?.Unchanged ?? verdict) as StartsAfter)?.RunId,
        };
    }
}

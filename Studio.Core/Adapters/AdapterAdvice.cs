using Studio.Core.Adapters.Methods;
using Studio.Core.Models;

namespace Studio.Core.Adapters;

/// <summary>How a learning rate stands to the range that suits a method.</summary>
public enum RateVerdict
{
    /// <summary>Within the range, or near it.</summary>
    Fits,

    /// <summary>So far below that little will be learned.</summary>
    FarBelow,

    /// <summary>So far above that the loss may jump.</summary>
    FarAbove,
}

/// <summary>What is worth knowing of an adapter's settings before they are used, where people otherwise go by hearsay.</summary>
/// <param name="Scale">What the update is multiplied with; null for methods without such a factor.</param>
/// <param name="LearningRate">Learning rate at its peak; null where there is none.</param>
/// <param name="TrainableParameters">Trainable parameters; null while the settings are wrong.</param>
/// <param name="Suggested">The range that suits the method.</param>
public sealed record AdapterAdvice(double? Scale, double? LearningRate, long? TrainableParameters, LearningRateAdvice Suggested)
{
    /// <summary>Bytes of one value: fp32.</summary>
    public const int BytesPerValue = 4;

    /// <summary>Bytes of one trainable parameter between two steps of training: its value and both Adam moments.</summary>
    public const int BytesPerTrained = 12;

    /// <summary>How many times outside the range a learning rate is far outside: published ranges are of a few models and optimizers, so near misses mean nothing.</summary>
    public const double Tolerance = 3;

    /// <summary>Scale x learning rate: how far one step moves the base's output, to compare settings of different rank and alpha by.</summary>
    public double? StepScale => Scale * LearningRate;

    /// <summary>Bytes of its values.</summary>
    public long? ValueBytes => BytesPerValue * TrainableParameters;

    /// <summary>Bytes it holds while it is trained, between two steps.</summary>
    public long? TrainingBytes => BytesPerTrained * TrainableParameters;

    /// <summary>How the learning rate stands to the range.</summary>
    public RateVerdict Verdict => LearningRate switch
    {
        { } rate when rate * Tolerance < Suggested.Lowest => RateVerdict.FarBelow,
        { } rate when rate > Suggested.Highest * Tolerance => RateVerdict.FarAbove,
        _ => RateVerdict.Fits,
    };

    /// <summary>Advice on settings.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="method">Their method.</param>
    /// <param name="parameters">What they give to train; null while they are wrong.</param>
    /// <param name="learningRate">The rate they are to be trained with; null where they are not.</param>
    public static AdapterAdvice Of(AdapterSpec spec, AdapterMethod method, long? parameters, double? learningRate = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(method);
        return new AdapterAdvice(spec.UpdateScale, learningRate, parameters, method.LearningRates);
    }

    /// <summary>The sentence for settings that are sound and give nothing to train on a model.</summary>
    public static string NothingToTrain(AdapterSpec spec) => spec is TargetedSpec targeted
        ? $"Target modules '{targeted.Targets}' give nothing to train on this model; expected others."
        : "These settings give nothing to train on this model.";

    /// <summary>Parts of sound settings that learn nothing on a model, one sentence each.</summary>
    public static IReadOnlyList<string> Idle(AdapterSpec spec, ModuleMap modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        if (spec is not TargetedSpec targeted) return [];
        var found = new List<string>();
        if (targeted.Bias != BiasTraining.None && AdapterMethods.CountParameters(targeted, modules) == AdapterMethods.CountParameters(targeted with { Bias = BiasTraining.None }, modules))
            found.Add($"Biases are to be trained, and {(targeted.Bias == BiasTraining.All ? "this model has" : "the target modules have")} none.");
        // A module that is trained as a whole replaces the base's output, and with it what the method adds to that output.
        var hidden = targeted.Select(modules).Where(module => SavedModules.IsSaved(targeted, module)).Select(module => module.ShortName).Distinct(StringComparer.Ordinal).ToList();
        if (hidden.Count > 0) found.Add($"The method learns nothing on {string.Join(", ", hidden)}: what is trained as a whole takes its place there.");
        return found;
    }
}

using Studio.Core.Training;

namespace Studio.Web.FineTunes;

/// <summary>Names of a run's series for people.</summary>
public static class SeriesText
{
    /// <summary>Name of a series.</summary>
    public static string NameOf(string series) => series switch
    {
        RunSeries.Loss => "Loss",
        RunSeries.EvalLoss => "Held-out loss",
        RunSeries.LearningRate => "Learning rate",
        RunSeries.GradientNorm => "Gradient norm",
        RunSeries.TokensPerSecond => "Tokens per second",
        _ => series,
    };

    /// <summary>Whether its points are few and far apart.</summary>
    public static bool IsSparse(string series) => series == RunSeries.EvalLoss;
}

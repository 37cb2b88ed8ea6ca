using Studio.Core.Adapters;
using Studio.Core.Runs;
using Studio.Core.Storage;
using Studio.Core.Telemetry;
using Studio.Core.Training;
using Studio.Web.FineTunes;

namespace Studio.Web.Api;

/// <summary>A run as it is at this moment: where it stands, its latest figures, its settings.</summary>
public sealed record RunDto
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>queued, running, paused, finished, failed or stopped; the last three are for good.</summary>
    public required RunState State { get; init; }

    /// <summary>Why it stands there; empty where the state says it all.</summary>
    public required string StateReason { get; init; }

    /// <summary>What went wrong, for a failed run.</summary>
    public required string? Error { get; init; }

    /// <summary>The base model.</summary>
    public required string ModelId { get; init; }

    /// <summary>The data set.</summary>
    public required string DatasetId { get; init; }

    /// <summary>The adapter that it trains; it can chat once the run takes steps.</summary>
    public required string AdapterId { get; init; }

    /// <summary>Share of the steps taken, 0 to 1.</summary>
    public required double Progress { get; init; }

    /// <summary>Optimizer steps taken.</summary>
    public required long Step { get; init; }

    /// <summary>Optimizer steps planned; 0 until the data are prepared.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>Step whose state the adapter's files hold.</summary>
    public required long? SavedStep { get; init; }

    /// <summary>Passes over the data, with fraction.</summary>
    public required double Epoch { get; init; }

    /// <summary>Tokens trained on.</summary>
    public required long Tokens { get; init; }

    /// <summary>Loss of the latest step, nats per trained token.</summary>
    public required double? Loss { get; init; }

    /// <summary>Latest held-out loss, nats per trained token.</summary>
    public required double? EvalLoss { get; init; }

    /// <summary>Lowest held-out loss, nats per trained token.</summary>
    public required double? BestEvalLoss { get; init; }

    /// <summary>Learning rate of the latest step.</summary>
    public required double? LearningRate { get; init; }

    /// <summary>Gradient norm of the latest step, before clipping.</summary>
    public required double? GradientNorm { get; init; }

    /// <summary>Tokens trained per second over the last seconds; 0 when it does not run.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Estimated seconds to the end; null when unknown or not running.</summary>
    public required double? RemainingSeconds { get; init; }

    /// <summary>Adapter values, moments and gradients that it holds in memory, bytes.</summary>
    public required long HeldBytes { get; init; }

    /// <summary>Memory that it was expected to take beside the base, bytes; null for a run of an earlier session.</summary>
    public required long? PredictedBytes { get; init; }

    /// <summary>Memory that it was measured to take at most, bytes; null before that is known.</summary>
    public required long? MeasuredBytes { get; init; }

    /// <summary>The run whose end (or start, where runs wait in turn) lets this one begin; null where it does not wait for one. The reason says it in words.</summary>
    public required string? WaitsFor { get; init; }

    /// <summary>When it was asked for, UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it took its first step, UTC.</summary>
    public required DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended, UTC.</summary>
    public required DateTimeOffset? EndedAt { get; init; }

    /// <summary>Settings of its adapter.</summary>
    public required AdapterSpec Adapter { get; init; }

    /// <summary>Settings of its training.</summary>
    public required TrainingSettings Training { get; init; }

    /// <summary>A run and the newest points of its series.</summary>
    public static RunDto Of(RunView view, MetricStore metrics)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(metrics);
        var record = view.Record;
        return new RunDto
        {
            Id = record.Id,
            Name = record.Name,
            State = record.State,
            StateReason = record.StateReason,
            Error = record.Error,
            ModelId = record.BaseModelId,
            DatasetId = record.DatasetId,
            AdapterId = record.AdapterId,
            Progress = RunLife.ProgressOf(record),
            Step = record.Step,
            TotalSteps = record.TotalSteps,
            SavedStep = record.SavedStep,
            Epoch = record.Epoch,
            Tokens = record.TokensSeen,
            Loss = ApiJson.Finite(record.LastLoss),
            EvalLoss = ApiJson.Finite(record.LastEvalLoss),
            BestEvalLoss = ApiJson.Finite(record.BestEvalLoss),
            LearningRate = Latest(RunSeries.LearningRate),
            GradientNorm = Latest(RunSeries.GradientNorm),
            TokensPerSecond = ApiJson.Finite(view.TokensPerSecond) ?? 0,
            RemainingSeconds = view.Remaining?.TotalSeconds,
            HeldBytes = view.HeldBytes,
            PredictedBytes = view.Memory.Predicted?.Total,
            MeasuredBytes = view.Memory.Measured,
            WaitsFor = view.Waiting?.RunId,
            CreatedAt = record.CreatedAt,
            StartedAt = record.StartedAt,
            EndedAt = record.EndedAt,
            Adapter = view.Request.Adapter,
            Training = view.Request.Training,
        };

        double? Latest(string series) => ApiJson.Finite(metrics.Latest(new SeriesKey(record.Id, series))?.Value);
    }
}

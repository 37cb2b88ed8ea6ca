using Studio.Core.Adapters;
using Studio.Core.Runs;
using Studio.Core.Training;

namespace Studio.Web.FineTunes;

/// <summary>What the start form holds. A number is null while its text is not one.</summary>
public sealed class RunForm : AdapterForm
{
    private static readonly RunPreset StandIn = RunPreset.Balanced;

    /// <summary>A form with the settings of a preset.</summary>
    public RunForm(RunPreset preset) => Apply(preset);

    /// <summary>Chosen datasets, in the order of choice.</summary>
    public IList<string> DatasetIds { get; } = [];

    public double? LearningRate { get; set; }

    public ScheduleKind Schedule { get; set; }

    public double? WarmupRatio { get; set; }

    public double? Epochs { get; set; }

    public int? BatchSize { get; set; }

    public int? Accumulation { get; set; }

    public double? WeightDecay { get; set; }

    public double? Clip { get; set; }

    public int? MaxLength { get; set; }

    public double? EvalFraction { get; set; }

    public int? EvalEvery { get; set; }

    public bool Checkpointing { get; set; }

    public double? Share { get; set; }

    public long? Seed { get; set; }

    /// <summary>The preset whose settings the form holds, or null when they were changed.</summary>
    public RunPreset? Preset => RunPreset.All.FirstOrDefault(Matches);

    /// <summary>Takes over a preset's settings; model, datasets and name stay.</summary>
    public void Apply(RunPreset preset)
    {
        ArgumentNullException.ThrowIfNull(preset);
        var (adapter, training) = (preset.Adapter, preset.Training);
        Apply(adapter);
        (LearningRate, Schedule, WarmupRatio, Epochs) = (training.LearningRate, training.Schedule, training.WarmupRatio, training.Epochs);
        (BatchSize, Accumulation, WeightDecay, Clip) = (training.BatchSize, training.GradientAccumulation, training.WeightDecay, training.MaxGradientNorm);
        (MaxLength, EvalFraction, EvalEvery, Seed) = (training.MaxLength, training.EvalFraction, training.EvalEverySteps, training.Seed);
        (Checkpointing, Share) = (training.ActivationCheckpointing, training.Share);
    }

    /// <summary>Every field that findings can belong to.</summary>
    public IReadOnlyList<FormField> Fields => [.. RunFields.All, .. RunFields.Adapter.All(Method)];

    /// <summary>Fields whose text is not a number.</summary>
    public IReadOnlyList<FormField> Unreadable() => [.. UnreadableAdapter(RunFields.Adapter), .. UnreadableTraining()];

    private IEnumerable<FormField> UnreadableTraining()
    {
        (FormField Field, bool Missing)[] numbers =
        [
            (RunFields.LearningRate, LearningRate is null), (RunFields.WarmupRatio, WarmupRatio is null), (RunFields.Epochs, Epochs is null),
            (RunFields.BatchSize, BatchSize is null), (RunFields.Accumulation, Accumulation is null), (RunFields.WeightDecay, WeightDecay is null),
            (RunFields.Clip, Clip is null), (RunFields.MaxLength, MaxLength is null), (RunFields.EvalFraction, EvalFraction is null),
            (RunFields.EvalEvery, EvalEvery is null), (RunFields.Seed, Seed is null), (RunFields.Share, Share is null),
        ];
        return numbers.Where(number => number.Missing).Select(number => number.Field);
    }

    /// <summary>The request for one dataset, with <see cref="AdapterForm.ToSpec"/>'s rule for what is not readable. A model must be chosen.</summary>
    /// <param name="datasetId">One of <see cref="DatasetIds"/>.</param>
    /// <param name="datasetName">Its name; it tells apart the runs of one start.</param>
    public RunRequest ToRequest(string datasetId, string datasetName)
    {
        var name = Name.Trim();
        return new RunRequest
        {
            Name = name.Length > 0 && DatasetIds.Count > 1 ? $"{name} · {datasetName}" : name,
            ModelId = ModelId!,
            DatasetId = datasetId,
            Adapter = ToSpec(),
            Training = ToTraining(),
        };
    }

    private TrainingSettings ToTraining() => new()
    {
        LearningRate = LearningRate ?? StandIn.Training.LearningRate,
        Schedule = Schedule,
        WarmupRatio = WarmupRatio ?? StandIn.Training.WarmupRatio,
        Epochs = Epochs ?? StandIn.Training.Epochs,
        BatchSize = BatchSize ?? StandIn.Training.BatchSize,
        GradientAccumulation = Accumulation ?? StandIn.Training.GradientAccumulation,
        WeightDecay = WeightDecay ?? StandIn.Training.WeightDecay,
        MaxGradientNorm = Clip ?? StandIn.Training.MaxGradientNorm,
        MaxLength = MaxLength ?? StandIn.Training.MaxLength,
        EvalFraction = EvalFraction ?? StandIn.Training.EvalFraction,
        EvalEverySteps = EvalEvery ?? StandIn.Training.EvalEverySteps,
        ActivationCheckpointing = Checkpointing,
        Share = Share ?? StandIn.Training.Share,
        Seed = Seed ?? StandIn.Training.Seed,
    };

    private bool Matches(RunPreset preset) =>
        Unreadable().Count == 0 && ToTraining() == preset.Training && AdapterSpecJson.Write(ToSpec()) == AdapterSpecJson.Write(preset.Adapter);
}

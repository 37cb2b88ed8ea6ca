using Studio.Core.Adapters;
using Studio.Core.Runs;
using Studio.Core.Training;

namespace Studio.Web.FineTunes;

/// <summary>Ways to choose target modules.</summary>
public enum TargetChoice
{
    /// <summary>Every linear layer but the head.</summary>
    AllLinear,

    /// <summary>The projections of attention.</summary>
    Attention,

    /// <summary>Those that the user ticks.</summary>
    Custom,
}

/// <summary>What the start form holds. A number is null while its text is not one.</summary>
public sealed class RunForm
{
    private static readonly RunPreset StandIn = RunPreset.Balanced;
    private static readonly string[] AttentionNames = ["q_proj", "k_proj", "v_proj", "o_proj", "qkv_proj", "out_proj"];

    /// <summary>A form with the settings of a preset.</summary>
    public RunForm(RunPreset preset) => Apply(preset);

    public string Name { get; set; } = "";

    public string? ModelId { get; set; }

    /// <summary>Chosen datasets, in the order of choice.</summary>
    public IList<string> DatasetIds { get; } = [];

    public string Method { get; set; } = LoraSpec.MethodName;

    public int? Rank { get; set; }

    public double? Alpha { get; set; }

    public bool UseRsLora { get; set; }

    public double? Dropout { get; set; }

    public TargetChoice Targets { get; set; }

    /// <summary>Modules that are ticked; they count when <see cref="Targets"/> is custom.</summary>
    public ISet<string> CustomTargets { get; } = new SortedSet<string>(StringComparer.Ordinal);

    /// <summary>Modules that the chosen model has.</summary>
    public IReadOnlyList<string> KnownTargets { get; set; } = [];

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

    public long? Seed { get; set; }

    /// <summary>Methods that this form can set up.</summary>
    public static IReadOnlyList<AdapterMethod> Methods { get; } = [.. AdapterMethods.All.Where(method => method.Name == LoraSpec.MethodName)];

    /// <summary>What the update is multiplied with: alpha / rank, or alpha / √rank (Kalajdzievski 2023); null while either is missing.</summary>
    public double? EffectiveScale => Rank is > 0 && Alpha is { } alpha ? alpha / (UseRsLora ? Math.Sqrt(Rank.Value) : Rank.Value) : null;

    /// <summary>The preset whose settings the form holds, or null when they were changed.</summary>
    public RunPreset? Preset => RunPreset.All.FirstOrDefault(Matches);

    /// <summary>Takes over a preset's settings; model, datasets and name stay.</summary>
    public void Apply(RunPreset preset)
    {
        ArgumentNullException.ThrowIfNull(preset);
        var (adapter, training) = (preset.Adapter, preset.Training);
        (Rank, Alpha, UseRsLora, Dropout, Targets) = (adapter.Rank, adapter.Alpha, adapter.UseRsLora, adapter.Dropout, TargetChoice.AllLinear);
        (LearningRate, Schedule, WarmupRatio, Epochs) = (training.LearningRate, training.Schedule, training.WarmupRatio, training.Epochs);
        (BatchSize, Accumulation, WeightDecay, Clip) = (training.BatchSize, training.GradientAccumulation, training.WeightDecay, training.MaxGradientNorm);
        (MaxLength, EvalFraction, EvalEvery, Seed) = (training.MaxLength, training.EvalFraction, training.EvalEverySteps, training.Seed);
    }

    /// <summary>Fields whose text is not a number.</summary>
    public IReadOnlyList<FormField> Unreadable()
    {
        (FormField Field, bool Missing)[] numbers =
        [
            (RunFields.Rank, Rank is null), (RunFields.Alpha, Alpha is null), (RunFields.Dropout, Dropout is null),
            (RunFields.LearningRate, LearningRate is null), (RunFields.WarmupRatio, WarmupRatio is null), (RunFields.Epochs, Epochs is null),
            (RunFields.BatchSize, BatchSize is null), (RunFields.Accumulation, Accumulation is null), (RunFields.WeightDecay, WeightDecay is null),
            (RunFields.Clip, Clip is null), (RunFields.MaxLength, MaxLength is null), (RunFields.EvalFraction, EvalFraction is null),
            (RunFields.EvalEvery, EvalEvery is null), (RunFields.Seed, Seed is null),
        ];
        return [.. numbers.Where(number => number.Missing).Select(number => number.Field)];
    }

    /// <summary>The adapter's settings; the engine's default stands in for what is not readable.</summary>
    public AdapterSpec ToSpec() => new LoraSpec
    {
        Rank = Rank ?? StandIn.Adapter.Rank,
        Alpha = Alpha ?? StandIn.Adapter.Alpha,
        UseRsLora = UseRsLora,
        Dropout = Dropout ?? StandIn.Adapter.Dropout,
        Targets = ToSelection(),
    };

    /// <summary>The request for one dataset, with <see cref="ToSpec"/>'s rule for what is not readable. A model must be chosen.</summary>
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
        Seed = Seed ?? StandIn.Training.Seed,
    };

    private TargetSelection ToSelection() => Targets switch
    {
        TargetChoice.Attention => TargetSelection.Of([.. KnownTargets.Where(name => AttentionNames.Contains(name, StringComparer.Ordinal))]),
        TargetChoice.Custom => TargetSelection.Of([.. CustomTargets]),
        _ => TargetSelection.Everything,
    };

    private bool Matches(RunPreset preset) =>
        Unreadable().Count == 0 && Targets == TargetChoice.AllLinear && ToTraining() == preset.Training
        && (Rank, Alpha, UseRsLora, Dropout) == (preset.Adapter.Rank, preset.Adapter.Alpha, preset.Adapter.UseRsLora, preset.Adapter.Dropout);
}

using System.Collections.Concurrent;
using System.Globalization;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Data;
using Studio.Core.Runs.Admission;
using Studio.Core.Text.Jinja;
using Studio.Core.Tensors.Kernels;
using Studio.Core.Training;
using TorchSharp;

namespace Studio.Core.Runs;

/// <summary>Tells before a run starts what is wrong with it and what it would hold.</summary>
internal sealed class RunChecks(RunServices services, RunAdmission admission)
{
    private const int MaximumNameLength = 200;

    // Data sets and models do not change under their ids.
    private readonly ConcurrentDictionary<(string DatasetId, string ModelId), RowLengths> _lengths = new();

    /// <summary>Everything that is wrong with a request; empty when nothing is.</summary>
    public async Task<IReadOnlyList<string>> CheckAsync(RunRequest request, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        var problems = new List<string>(request.Training.Problems());
        if (request.Name.Length > MaximumNameLength) problems.Add(Text($"The name has {request.Name.Length} characters; expected at most {MaximumNameLength}."));
        if (await services.Environment.FindDatasetAsync(request.DatasetId, ct).ConfigureAwait(false) is not { } dataset)
            problems.Add($"There is no data set '{request.DatasetId}'.");
        else if (dataset.Rows < 2)
            problems.Add(Text($"The data set '{dataset.Name}' has {dataset.Rows} usable rows; a run needs at least 2."));
        if (services.Environment.FindModel(request.ModelId) is not { } model)
        {
            problems.AddRange(request.Adapter.Problems());
            problems.Add($"The base model '{request.ModelId}' is not loaded.");
            return problems;
        }
        int context = model.Model.Config.ContextLength;
        if (request.Training.MaxLength > context)
            problems.Add(Text($"The largest length is {request.Training.MaxLength} tokens; the base model '{model.Name}' reads at most {context}."));
        problems.AddRange(request.Adapter.Problems(model.Model.Model.Modules));
        return problems;
    }

    /// <summary>What a request would hold.</summary>
    public async Task<RunForecast> ForecastAsync(RunRequest request, CancellationToken ct)
    {
        var problems = await CheckAsync(request, ct).ConfigureAwait(false);
        if (problems.Count > 0) throw new StudioException("The run cannot be forecast.", problems);
        var model = services.Environment.FindModel(request.ModelId) ?? throw new NotFoundException("base model", request.ModelId);
        var dataset = await services.Environment.FindDatasetAsync(request.DatasetId, ct).ConfigureAwait(false) ?? throw new NotFoundException("data set", request.DatasetId);
        int rows = (int)Math.Min(dataset.Rows, int.MaxValue);
        int train = Math.Max(1, rows - (int)Math.Round(rows * TrainingData.HeldOutFraction(rows, request.Training), MidpointRounding.AwayFromZero));
        var lengths = await LengthsAsync(request, model, ct).ConfigureAwait(false);
        var memory = MemoryOf(model, request, lengths);
        return new RunForecast(AdapterMethods.CountParameters(request.Adapter, model.Model.Model.Modules), StepPlan.For(train, request.Training).TotalSteps,
            admission.Calibrated(request.ModelId, memory), Judge(model, request, lengths));
    }

    /// <summary>What a sound request takes by calculation, and the verdict on it. Rows that cannot be read take nothing: the run fails in its preparation and says why.</summary>
    public async Task<(MemoryForecast Memory, AdmissionVerdict Verdict)> MemoryAsync(RunRequest request, RunBase model, CancellationToken ct)
    {
        RowLengths lengths;
        try
        {
            lengths = await LengthsAsync(request, model, ct).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StudioException or JinjaException)
        {
            lengths = RowLengths.Of([]);
        }
        return (MemoryOf(model, request, lengths), Judge(model, request, lengths));
    }

    /// <summary>What a run takes by calculation.</summary>
    /// <param name="model">Its base.</param>
    /// <param name="request">Its settings.</param>
    /// <param name="lengths">Of the rows it trains on.</param>
    public static MemoryForecast MemoryOf(RunBase model, RunRequest request, RowLengths lengths) => MemoryOf(model, request, ShapeOf(request, lengths));

    /// <summary>What a run takes by calculation.</summary>
    /// <param name="model">Its base.</param>
    /// <param name="request">Its settings.</param>
    /// <param name="shape">The micro-batch.</param>
    public static MemoryForecast MemoryOf(RunBase model, RunRequest request, StepShape shape)
    {
        long parameters = AdapterMethods.CountParameters(request.Adapter, model.Model.Model.Modules);
        var step = StepMemory.Of(model.Model.Config, model.Model.ComputeType, shape, parameters, RecordedOf(model, request.Adapter), request.Training.ActivationCheckpointing);
        return new MemoryForecast(parameters * sizeof(float), 2 * parameters * sizeof(float), step.Gradients, step.Activations, step.Logits);
    }

    /// <summary>The largest micro-batch of a run.</summary>
    /// <param name="request">Its settings.</param>
    /// <param name="lengths">Of the rows it trains on.</param>
    public static StepShape ShapeOf(RunRequest request, RowLengths lengths) =>
        lengths.Largest(request.Training.BatchSize, request.Training.MaxLength, request.Adapter is PromptSpec prompt ? prompt.VirtualTokens : 0);

    private static RecordedParts RecordedOf(RunBase model, AdapterSpec adapter) => new(
        Operations: model.Model.Device.type != DeviceType.CPU,
        Updates: adapter is TargetedSpec && !(adapter is LoraSpec { Dropout: 0, UseDora: false, UseBias: false } plain && !LoraStart.TakesFromBase(plain.Initialisation)),
        Dropout: adapter is LoraSpec { Dropout: > 0 },
        Attention: !CausalAttentionOperation.Suits);

    private AdmissionVerdict Judge(RunBase model, RunRequest request, RowLengths lengths) =>
        admission.Judge(request.ModelId, MemoryOf(model, request, lengths), request.Training.BatchSize, Cheaper(model, request, lengths));

    // Smaller micro-batches, as many more of them a step: the same training. Checkpointing costs a third more time: after half the batch, before less.
    private static IEnumerable<CheaperSettings> Cheaper(RunBase model, RunRequest request, RowLengths lengths)
    {
        int asked = request.Training.BatchSize;
        var batches = Enumerable.Range(1, asked).Where(parts => asked % parts == 0).Select(parts =>
            request.Training with { BatchSize = asked / parts, GradientAccumulation = request.Training.GradientAccumulation * parts }).Where(training => training.Problems().Count == 0).ToList();
        var plain = batches.Skip(1).Select(training => (Training: training, Checkpoints: false));
        var checkpointed = request.Training.ActivationCheckpointing ? [] : batches.Select(training => (Training: training with { ActivationCheckpointing = true }, Checkpoints: true));
        return plain.Take(1).Concat(checkpointed.Take(1)).Concat(plain.Skip(1)).Concat(checkpointed.Skip(1)).Select(choice => new CheaperSettings(
            choice.Training.BatchSize, choice.Training.GradientAccumulation, choice.Checkpoints, MemoryOf(model, request with { Training = choice.Training }, lengths)));
    }

    private async Task<RowLengths> LengthsAsync(RunRequest request, RunBase model, CancellationToken ct)
    {
        if (_lengths.TryGetValue((request.DatasetId, request.ModelId), out var known)) return known;
        var rows = await services.Environment.ReadRowsAsync(request.DatasetId, ct).ConfigureAwait(false);
        var lengths = await Task.Run(() => RowLengths.Of(rows, new RowRenderer(model.Encoder)), ct).ConfigureAwait(false);
        return _lengths[(request.DatasetId, request.ModelId)] = lengths;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

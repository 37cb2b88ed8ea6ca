using System.Collections.Concurrent;
using System.Globalization;
using Studio.Core.Adapters;
using Studio.Core.Data;
using Studio.Core.Training;

namespace Studio.Core.Runs;

/// <summary>Tells before a run starts what is wrong with it and what it would hold.</summary>
internal sealed class RunChecks(RunServices services)
{
    private const int MaximumNameLength = 200;

    // Lengths of this many rows, spread over the data set, stand for all of them.
    private const int SampledRows = 256;

    // Data sets and models do not change under their ids.
    private readonly ConcurrentDictionary<(string DatasetId, string ModelId), int[]> _lengths = new();

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
        long parameters = AdapterMethods.CountParameters(request.Adapter, model.Model.Model.Modules);
        var lengths = await LengthsAsync(request, model, ct).ConfigureAwait(false);

        int rows = (int)Math.Min(dataset.Rows, int.MaxValue);
        int train = Math.Max(1, rows - (int)Math.Round(rows * TrainingData.HeldOutFraction(rows, request.Training), MidpointRounding.AwayFromZero));
        double meanLength = lengths.Average(length => Math.Min(length, request.Training.MaxLength));
        long tokens = (long)Math.Ceiling(meanLength * Math.Min(request.Training.BatchSize, train));
        return new RunForecast(
            parameters,
            AdapterBytes: parameters * sizeof(float),
            MomentBytes: 2 * parameters * sizeof(float),
            StepBytes: parameters * sizeof(float) + StepMemory.Bytes(model.Model.Config, model.Model.ComputeType, tokens, request.Training.ActivationCheckpointing),
            StepPlan.For(train, request.Training).TotalSteps);
    }

    private async Task<int[]> LengthsAsync(RunRequest request, RunBase model, CancellationToken ct)
    {
        if (_lengths.TryGetValue((request.DatasetId, request.ModelId), out int[]? known)) return known;
        var rows = await services.Environment.ReadRowsAsync(request.DatasetId, ct).ConfigureAwait(false);
        var renderer = new RowRenderer(model.Encoder);
        int stride = Math.Max(1, rows.Count / SampledRows);
        int[] lengths = await Task.Run(() => rows.Where((_, i) => i % stride == 0).Select(row => renderer.Encode(row).Ids.Length).ToArray(), ct).ConfigureAwait(false);
        return _lengths[(request.DatasetId, request.ModelId)] = lengths;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

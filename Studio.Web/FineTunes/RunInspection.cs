using Studio.Core.Runs;
using Studio.Core.Serving;

namespace Studio.Web.FineTunes;

/// <summary>What a start would hold, for one dataset.</summary>
/// <param name="DatasetId">The dataset.</param>
/// <param name="Forecast">The forecast.</param>
public sealed record DatasetForecast(string DatasetId, RunForecast Forecast);

/// <summary>What is known of a form before it is sent.</summary>
public sealed record RunInspection
{
    /// <summary>Findings at fields, by the field's id.</summary>
    public IReadOnlyDictionary<string, string> AtFields { get; init; } = new Dictionary<string, string>();

    /// <summary>Findings that belong to no field.</summary>
    public IReadOnlyList<string> General { get; init; } = [];

    /// <summary>Trainable parameters; null while the adapter's settings are wrong.</summary>
    public long? TrainableParameters { get; init; }

    /// <summary>One forecast for each chosen dataset; none while anything is wrong.</summary>
    public IReadOnlyList<DatasetForecast> Forecasts { get; init; } = [];

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsSound => AtFields.Count == 0 && General.Count == 0;

    /// <summary>The finding at a field, or null.</summary>
    public string? At(FormField field) => AtFields.GetValueOrDefault(field.Id);

    /// <summary>The same with a finding at each field whose text is not a number.</summary>
    public RunInspection WithUnreadable(IReadOnlyList<FormField> unreadable)
    {
        var atFields = new Dictionary<string, string>(AtFields);
        foreach (var field in unreadable)
            atFields[field.Id] = $"{field.Label} needs a number.";
        return this with { AtFields = atFields };
    }

    /// <summary>Sorts findings to the fields they begin with.</summary>
    public static RunInspection Of(IEnumerable<string> findings)
    {
        var atFields = new Dictionary<string, string>();
        var general = new List<string>();
        foreach (var finding in findings.Distinct(StringComparer.Ordinal))
        {
            var field = RunFields.All.FirstOrDefault(field => field.FindingStarts.Any(start => finding.StartsWith(start, StringComparison.OrdinalIgnoreCase)));
            if (field is null)
                general.Add(finding);
            else
                atFields[field.Id] = atFields.TryGetValue(field.Id, out var earlier) ? $"{earlier} {finding}" : finding;
        }
        return new RunInspection { AtFields = atFields, General = general };
    }
}

/// <summary>Asks the engine about a form.</summary>
public sealed class RunInspector(IRunService runs, IAdapterService adapters)
{
    /// <summary>Findings of the form itself and of the engine, for every chosen dataset, and the forecasts when there are none.</summary>
    /// <param name="form">The form.</param>
    /// <param name="nameOf">Name of a dataset.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<RunInspection> InspectAsync(RunForm form, Func<string, string> nameOf, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(form);
        if (form.ModelId is not { } modelId)
            return new RunInspection { General = ["No base model is loaded."] };

        var spec = form.ToSpec();
        var adapterFindings = adapters.Check(spec, modelId);
        long? parameters = adapterFindings.Count == 0 ? adapters.CountParameters(spec, modelId) : null;
        RunRequest[] requests = [.. form.DatasetIds.Select(id => form.ToRequest(id, nameOf(id)))];
        var findings = new List<string>(adapterFindings);
        foreach (var request in requests)
            findings.AddRange(await runs.CheckAsync(request, ct));

        var inspection = RunInspection.Of(findings).WithUnreadable(form.Unreadable()) with { TrainableParameters = parameters };
        return inspection.IsSound ? inspection with { Forecasts = await ForecastAsync(requests, ct) } : inspection;
    }

    private async Task<IReadOnlyList<DatasetForecast>> ForecastAsync(IEnumerable<RunRequest> requests, CancellationToken ct)
    {
        var forecasts = new List<DatasetForecast>();
        foreach (var request in requests)
            forecasts.Add(new DatasetForecast(request.DatasetId, await runs.ForecastAsync(request, ct)));
        return forecasts;
    }
}

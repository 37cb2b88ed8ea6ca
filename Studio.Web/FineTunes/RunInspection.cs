using Studio.Core.Runs;
using Studio.Core.Serving;

namespace Studio.Web.FineTunes;

/// <summary>What a start would hold, for one dataset.</summary>
/// <param name="DatasetId">The dataset.</param>
/// <param name="Forecast">The forecast.</param>
public sealed record DatasetForecast(string DatasetId, RunForecast Forecast);

/// <summary>What is known of a run's form before it is sent.</summary>
public sealed record RunInspection : FieldFindings
{
    /// <summary>What is known of the adapter; null where no base model is chosen.</summary>
    public AdapterOutlook? Adapter { get; init; }

    /// <summary>One forecast for each chosen dataset; none while anything is wrong.</summary>
    public IReadOnlyList<DatasetForecast> Forecasts { get; init; } = [];

    /// <summary>Whether one of the runs would be refused because it needs more memory than the studio may take.</summary>
    public bool IsTooLarge => Forecasts.Any(forecast => forecast.Forecast.Verdict.RefusesStart);

    /// <summary>Sorts findings to the fields of a form that they begin with, with a finding at each field whose text is not a number.</summary>
    public static RunInspection Of(IEnumerable<string> findings, RunForm form)
    {
        ArgumentNullException.ThrowIfNull(form);
        var sorted = Sort(findings, form.Fields).WithUnreadable(form.Unreadable());
        return new RunInspection { AtFields = sorted.AtFields, General = sorted.General };
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

        var outlook = AdapterOutlook.Of(form, modelId, adapters, form.LearningRate);
        RunRequest[] requests = [.. form.DatasetIds.Select(id => form.ToRequest(id, nameOf(id)))];
        var findings = new List<string>(outlook.Problems);
        foreach (var request in requests)
            findings.AddRange(await runs.CheckAsync(request, ct));

        var inspection = RunInspection.Of(findings, form) with { Adapter = outlook };
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

using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Web.FineTunes;
using Studio.Web.Formatting;
using Studio.Web.Live;
using Studio.Web.Theme;

namespace Studio.Web.Components.Runs;

/// <summary>Latest figures of the compared runs, and only those settings that are not the same in all.</summary>
public sealed partial class CompareTable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private IReadOnlyList<SettingsDifference> _figures = [];
    private IReadOnlyList<SettingsDifference> _differences = [];

    /// <summary>The runs, in the order of the columns.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<RunView> Runs { get; set; }

    /// <summary>Names of models and datasets.</summary>
    [Parameter, EditorRequired] public required RunNames Names { get; set; }

    [Inject] public required IRunService Service { get; init; }

    [Inject] public required StudioTelemetry Telemetry { get; init; }

    [Inject] public required SeriesColors Colors { get; init; }

    private string DifferencesTitle => Runs.Count < 2
        ? "Choose a second run to see which settings differ"
        : _differences.Count == 0 ? "All settings are the same" : "Settings that differ";

    protected override void OnInitialized() => Watch(LiveSources.OfAll(Telemetry.Changes, Interval));

    protected override void OnParametersSet()
    {
        _differences = SettingsDifferences.Of([.. Runs.Select(run => RunSettings.Of(run.Request, Names))]);
        ReadFigures();
    }

    protected override Task OnSignalAsync()
    {
        ReadFigures();
        return Task.CompletedTask;
    }

    private void ReadFigures()
    {
        RunView[] now = [.. Runs.Select(run => Service.Find(run.Record.Id) ?? run)];
        _figures =
        [
            Row("State", run => run.Record.State.ToString()),
            Row("Progress", run => RunLife.StepsOf(run.Record)),
            Row("Loss", run => NumberText.Significant(run.Record.LastLoss)),
            Row("Held-out loss", run => NumberText.Significant(run.Record.LastEvalLoss)),
            Row("Best held-out loss", run => NumberText.Significant(run.Record.BestEvalLoss)),
            Row("Tokens", run => NumberText.Compact(run.Record.TokensSeen)),
        ];

        SettingsDifference Row(string label, Func<RunView, string> text) => new(label, [.. now.Select(text)]);
    }
}

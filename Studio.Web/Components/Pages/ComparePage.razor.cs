using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Telemetry;
using Studio.Web.Charts;
using Studio.Web.FineTunes;
using Studio.Web.Live;
using Studio.Web.Theme;

namespace Studio.Web.Components.Pages;

/// <summary>Overlays the curves of any runs. What is shown is a <see cref="CompareState"/> in the page's address.</summary>
public sealed partial class ComparePage
{
    private const int LatestRuns = 4;

    private readonly AddressWatch _address = new();
    private CompareState _state = new();
    private IReadOnlyList<RunView> _all = [];
    private IReadOnlyList<RunView> _chosen = [];
    private IReadOnlyList<ChartLine> _lines = [];
    private RunNames _names = RunNames.None;
    private int _missing;

    [SupplyParameterFromQuery(Name = "runs")] private string? RunsText { get; set; }

    [SupplyParameterFromQuery(Name = "x")] private string? XText { get; set; }

    [SupplyParameterFromQuery(Name = "smooth")] private string? SmoothText { get; set; }

    [SupplyParameterFromQuery(Name = "series")] private string? SeriesName { get; set; }

    [Inject] public required IRunService Runs { get; init; }

    [Inject] public required IModelService Models { get; init; }

    [Inject] public required IDatasetService Datasets { get; init; }

    [Inject] public required SeriesColors Colors { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    private string LatestText => _all.Count == 1 ? "Show the only run" : $"Compare the latest {Math.Min(LatestRuns, _all.Count)}";

    private string ChartLabel => $"{SeriesText.NameOf(_state.Series)} of {string.Join(", ", _chosen.Select(run => run.Record.Name))} by {XAxes.TitleOf(_state.X)}";

    protected override async Task OnInitializedAsync()
    {
        Watch(LiveSources.Event((Action<string> handler) => Runs.StateChanged += handler, handler => Runs.StateChanged -= handler));
        Read();
        try
        {
            _names = await RunNames.ReadAsync(Models, Datasets);
        }
        catch (Exception exception) when (Refusal.Of(exception) is not null)
        {
            // Ids stand in for names; the curves do not depend on them.
            _names = RunNames.None;
        }
    }

    protected override void OnParametersSet()
    {
        var asked = CompareState.Parse(RunsText, XText, SmoothText, SeriesName);
        if (!_address.IsNews(asked.ToUri()))
            return;
        _state = asked;
        Read();
    }

    protected override Task OnSignalAsync()
    {
        Read();
        return Task.CompletedTask;
    }

    private void Read()
    {
        _all = Runs.Runs;
        _chosen = [.. _state.RunIds.Select(id => _all.FirstOrDefault(run => run.Record.Id == id)).OfType<RunView>()];
        _missing = _state.RunIds.Count - _chosen.Count;
        _lines = [.. _chosen.Select(run => LineOf(run.Record.Id, run.Record.Name, run.Record.StartedAt))];
    }

    private ChartLine LineOf(string id, string name, DateTimeOffset? startedAt) =>
        new(new SeriesKey(id, _state.Series), name, Colors.StyleOf(id), startedAt, SeriesText.IsSparse(_state.Series));

    private void Show(CompareState state)
    {
        var uri = state.ToUri();
        if (uri == _state.ToUri())
            return;
        // Shown at once: the browser's answer comes later, and the next change must build on this one.
        _state = state;
        Read();
        _address.Ask(uri);
        Navigation.NavigateTo(uri, replace: true);
    }

    private void ShowLatest() => Show(_state with { RunIds = [.. _all.Take(LatestRuns).Select(run => run.Record.Id)] });
}

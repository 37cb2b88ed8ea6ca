using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Web.FineTunes;
using Studio.Web.Live;

namespace Studio.Web.Components.Pages;

/// <summary>One run: how it goes, what it was told to do, and what it says.</summary>
public sealed partial class RunDetailPage
{
    private RunView? _run;
    private RunNames _names = RunNames.None;
    private IReadOnlyList<RunSetting> _settings = [];
    private bool _deleted;

    /// <summary>Id of the run.</summary>
    [Parameter] public required string Id { get; set; }

    [CascadingParameter] private HttpContext? Request { get; set; }

    [Inject] public required IRunService Runs { get; init; }

    [Inject] public required IModelService Models { get; init; }

    [Inject] public required IDatasetService Datasets { get; init; }

    protected override void OnInitialized() =>
        Watch(LiveSources.Event((Action<string> handler) => Runs.StateChanged += handler, handler => Runs.StateChanged -= handler));

    protected override async Task OnParametersSetAsync()
    {
        _deleted = false;
        _run = Runs.Find(Id);
        if (_run is null)
        {
            // While the page is only being prepared for its first answer, a missing run is a missing page.
            if (Request is { Response.HasStarted: false } request)
                request.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        try
        {
            _names = await RunNames.ReadAsync(Models, Datasets);
        }
        catch (Exception exception) when (Refusal.Of(exception) is not null)
        {
            // Ids stand in for names; the page's own content does not depend on them.
            _names = RunNames.None;
        }
        _settings = RunSettings.Of(_run.Request, _names);
    }

    protected override Task OnSignalAsync()
    {
        var before = _run;
        _run = Runs.Find(Id);
        _deleted = _run is null && (_deleted || before is not null);
        return Task.CompletedTask;
    }

    private async Task OnDeleted()
    {
        await OnSignalAsync();
        StateHasChanged();
    }
}

using System.Globalization;
using Microsoft.AspNetCore.Components;
using Studio.Core;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Web.Adapters;
using Studio.Web.FineTunes;
using Studio.Web.Live;

namespace Studio.Web.Components.Pages;

/// <summary>One adapter: what it is, what is in it, and what can be done with it.</summary>
public sealed partial class AdapterDetailPage
{
    private const int ShortLength = 12;

    private AdapterRecord? _adapter;
    private IReadOnlyList<RunSetting> _settings = [];
    private Refusal? _failure;
    private bool _gone;
    private bool _deleted;
    private string? _config;
    private AdapterOutcome? _outcome;

    /// <summary>Id of the adapter.</summary>
    [Parameter] public required string Id { get; set; }

    [CascadingParameter] private HttpContext? Request { get; set; }

    [Inject] public required IAdapterService Adapters { get; init; }

    [Inject] public required IModelService Models { get; init; }

    [Inject] public required IRunService Runs { get; init; }

    private bool IsTraining => Adapters.IsTraining(Id);

    private ModelRecord? Base => Models.Loaded.FirstOrDefault(model => model.Record.Id == _adapter!.BaseModelId)?.Record;

    private string BaseName => Base?.Name ?? $"{_adapter!.BaseModelId} (not loaded)";

    private string? ShareText => Base is { Parameters: > 0 } known
        ? $"{((double)_adapter!.TrainableParameters / known.Parameters).ToString("P2", CultureInfo.CurrentCulture)} of the base's"
        : null;

    protected override void OnInitialized()
    {
        Watch(LiveSources.Event((Action handler) => Adapters.Changed += handler, handler => Adapters.Changed -= handler));
        Watch(LiveSources.Event((Action<string> handler) => Runs.StateChanged += handler, handler => Runs.StateChanged -= handler));
    }

    protected override async Task OnParametersSetAsync()
    {
        if (_adapter?.Id == Id)
            return;
        (_adapter, _deleted, _config, _outcome) = (null, false, null, null);
        await ReadAsync();
        // While the page is only being prepared for its first answer, a missing adapter is a missing page.
        if (_gone && Request is { Response.HasStarted: false } request)
            request.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    protected override Task OnSignalAsync() => ReadAsync();

    private static string Short(string fingerprint) => fingerprint.Length > ShortLength ? fingerprint[..ShortLength] + "…" : fingerprint;

    private async Task ReadAsync()
    {
        try
        {
            var adapter = await Adapters.GetAsync(Id);
            _settings = AdapterText.SpecOf(adapter) is { } spec ? RunSettings.OfAdapter(spec) : [new RunSetting("Adapter", RunFields.Adapter.Method.Label, adapter.Method)];
            (_adapter, _gone, _failure) = (adapter, false, null);
        }
        catch (NotFoundException)
        {
            _deleted |= _adapter is not null;
            (_adapter, _gone, _failure) = (null, true, null);
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
    }

    private void Show(AdapterOutcome outcome) => _outcome = outcome;

    // The download goes on by itself; this says what its own check finds.
    private async Task CheckExportAsync()
    {
        Show(new AdapterOutcome("Exporting: the files are read back and compared with the adapter…"));
        try
        {
            Show(new AdapterOutcome($"Exported and read back: {DifferenceText.Of(await Adapters.ExportAsync(Id, Stream.Null))}."));
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            Show(new AdapterOutcome($"The export was refused: {refusal.Message}"));
        }
    }

    private async Task ReadConfigAsync()
    {
        try
        {
            _config = await Adapters.ConfigAsync(Id);
        }
        catch (NotFoundException)
        {
            // It was deleted a moment ago; the page says so.
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _config = refusal.Message;
        }
    }
}

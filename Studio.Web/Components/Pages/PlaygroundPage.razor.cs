using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Studio.Core.Generation;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Web.Components.Playground;
using Studio.Web.FineTunes;
using Studio.Web.Live;
using Studio.Web.Playground;

namespace Studio.Web.Components.Pages;

/// <summary>
/// Chats with the base and adapters side by side. Who answers is a <see cref="PlaygroundAddress"/> in the page's address; conversations and
/// settings are kept by the browser's tab. Leaving the page ends its answers.
/// </summary>
public sealed partial class PlaygroundPage : IAsyncDisposable
{
    private readonly AddressWatch _watch = new();
    private PlaygroundAddress _address = new();
    private IReadOnlyList<AdapterRecord> _adapters = [];
    private PaneChoices _choices = new(null, []);
    private SamplingForm _form = new();
    private GenerationDefaults _defaults = GenerationDefaults.Studio;
    private FieldFindings _findings = FieldFindings.None;
    private Refusal? _failure;
    private PlaygroundSession _session = null!;
    private TabMemory _memory = null!;
    private PromptBox? _box;
    private Task _reading = Task.CompletedTask;
    private bool _settingsOpen;

    [SupplyParameterFromQuery(Name = "adapters")] private string? AdaptersText { get; set; }

    [SupplyParameterFromQuery(Name = "model")] private string? ModelText { get; set; }

    [Inject] public required IChatService Chat { get; init; }

    [Inject] public required IAdapterService Adapters { get; init; }

    [Inject] public required IModelService Models { get; init; }

    [Inject] public required IRunService Runs { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    [Inject] public required OpenPanes Panes { get; init; }

    [Inject] public required IJSRuntime Runtime { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    private IReadOnlyList<string> ModelIds =>
        [.. Models.Loaded.Select(model => model.Record.Id).Concat(_choices.Model is null && _address.ModelId is { } gone ? [gone] : [])];

    private bool HasTurns => _session.Panes.Any(pane => pane.Turns.Count > 0);

    private IReadOnlyList<PlaygroundPane> AnsweringPanes => [.. _session.Panes.Where(pane => _choices.ProblemOf(pane.AdapterId) is null)];

    private string? Blocked =>
        !_findings.IsSound ? "A setting needs a change before you can send."
        : AnsweringPanes.Count == 0 ? "No pane can answer. Choose who answers first."
        : null;

    protected override Task OnInitializedAsync()
    {
        (_session, _memory) = (new PlaygroundSession(Chat, Clock), new TabMemory(Runtime, Clock));
        Watch(LiveSources.Event((Action handler) => Adapters.Changed += handler, handler => Adapters.Changed -= handler));
        Watch(LiveSources.Event((Action<string> handler) => Runs.StateChanged += handler, handler => Runs.StateChanged -= handler));
        return _reading = ReadAsync();
    }

    protected override void OnParametersSet()
    {
        var asked = PlaygroundAddress.Parse(ModelText, AdaptersText);
        if (!_watch.IsNews(asked.ToUri()))
            return;
        _address = asked;
        _session.Show(asked.Panes);
        Resolve();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        Panes.Show(_session, _session.Panes.SelectMany(pane => BlendChoice.AdaptersOf(pane.AdapterId)));
        if (!firstRender)
            return;
        var kept = await _memory.LoadAsync();
        await _reading;
        if (kept is null)
            return;
        (_form, _findings) = (kept.Settings, kept.Settings.Inspect());
        if (kept.ModelId == _choices.Model?.Id)
        {
            foreach (var (pane, before) in _session.Panes.Zip(kept.Panes).Where(pair => pair.First.AdapterId == pair.Second.AdapterId && pair.First.Turns.Count == 0))
                pane.Restore(before.Turns);
        }
        StateHasChanged();
    }

    protected override Task OnSignalAsync() => ReadAsync();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _session is not null)
        {
            Panes.Leave(_session);
            _session.Dispose();
        }
        base.Dispose(disposing);
    }

    public async ValueTask DisposeAsync()
    {
        Dispose(disposing: true);
        if (_memory is not null)
            await _memory.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private string NameOf(string modelId) => Models.Loaded.FirstOrDefault(model => model.Record.Id == modelId)?.Record.Name ?? modelId;

    private async Task ReadAsync()
    {
        try
        {
            _adapters = await Adapters.ListAsync();
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
        Resolve();
    }

    private void Resolve()
    {
        _choices = new PaneChoices(PaneChoices.ModelOf(_address, Models.Loaded, _adapters), _adapters);
        var defaults = Models.Loaded.FirstOrDefault(model => model.Record.Id == _choices.Model?.Id)?.Defaults ?? _defaults;
        // Settings that nobody changed are those of the model that answers.
        if (_form == SamplingForm.Of(_defaults.Sampling) with { System = _form.System, RefuseTooLong = _form.RefuseTooLong })
            (_form, _findings) = (SamplingForm.Of(defaults.Sampling) with { System = _form.System, RefuseTooLong = _form.RefuseTooLong }, FieldFindings.None);
        _defaults = defaults;
    }

    private Task Add()
    {
        // The first adapter that is not there yet is what one most likely wants to see beside the others.
        _session.Add(_choices.Adapters.FirstOrDefault(adapter => _session.Panes.All(pane => pane.AdapterId != adapter.Id))?.Id);
        return Follow();
    }

    private Task Choose(PlaygroundPane pane, string? adapterId)
    {
        _session.Choose(pane, adapterId);
        return Follow();
    }

    private Task Remove(PlaygroundPane pane)
    {
        _session.Remove(pane);
        return Follow();
    }

    private Task ChooseModel(string modelId)
    {
        var model = Models.Loaded.First(loaded => loaded.Record.Id == modelId).Record;
        var choices = new PaneChoices(model, _adapters);
        string?[] panes = [.. _session.Panes.Select(pane => choices.Find(pane.AdapterId)?.Id)];
        // Another model: every conversation starts over.
        _session.Show([]);
        _session.Show(panes);
        (_address, _choices) = (_address with { ModelId = modelId }, choices);
        return Follow();
    }

    // Shown at once: the browser's answer comes later, and the next change must build on this one.
    private Task Follow()
    {
        // Where several bases are loaded, the one that was meant stays, also when its last adapter leaves the panes.
        var modelId = Models.Loaded.Count > 1 ? _choices.Model?.Id ?? _address.ModelId : _address.ModelId;
        _address = new PlaygroundAddress { ModelId = modelId, Panes = [.. _session.Panes.Select(pane => pane.AdapterId)] };
        Resolve();
        var uri = _address.ToUri();
        _watch.Ask(uri);
        Navigation.NavigateTo(uri, replace: true);
        return SaveSoonAsync();
    }

    private async Task AskAsync(string prompt)
    {
        if (_choices.Model is not { } model || Blocked is not null)
        {
            _box?.GiveBack(prompt);
            return;
        }

        _failure = null;
        var asking = _session.AskAsync(model.Id, AnsweringPanes, prompt, _form.System, _form.ToSettings(_defaults.Sampling),
            _form.RefuseTooLong ? TooLong.Refuse : TooLong.DropOldest);
        StateHasChanged();
        // The question is kept although the answer may never come.
        var saving = SaveSoonAsync();
        _failure = await asking;
        if (_failure is not null)
            _box?.GiveBack(prompt);
        StateHasChanged();
        await Task.WhenAll(saving, SaveSoonAsync());
    }

    private Task ClearAllAsync()
    {
        foreach (var pane in _session.Panes)
            pane.Clear();
        return SaveSoonAsync();
    }

    private Task ChangeSettingsAsync(SamplingForm form)
    {
        (_form, _findings) = (form, form.Inspect());
        return SaveSoonAsync();
    }

    private Task SaveSoonAsync() => _memory.SaveSoonAsync(() => new KeptPlayground
    {
        ModelId = _choices.Model?.Id ?? "",
        Settings = _form,
        Panes = [.. _session.Panes.Select(pane => new KeptPane(pane.AdapterId, [.. pane.Turns.Select(turn => turn.Keep())]))],
    });
}

using Microsoft.AspNetCore.Components;
using Studio.Core;
using Studio.Core.Serving;
using Studio.Web.Adapters;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Pages;

/// <summary>Sets up an untrained adapter. The engine checks the form while it is filled in.</summary>
public sealed partial class AdapterCreatePage
{
    private readonly NewAdapterForm _form = new();
    private FieldFindings _findings = FieldFindings.None;
    private Refusal? _failure;
    private AdapterOutlook? _outlook;
    private bool _creating;

    [Inject] public required IAdapterService Adapters { get; init; }

    [Inject] public required IModelService Models { get; init; }

    [Inject] public required NavigationManager Navigation { get; init; }

    private long BaseParameters => Models.Loaded.FirstOrDefault(model => model.Record.Id == _form.ModelId)?.Record.Parameters ?? 0;

    protected override void OnInitialized()
    {
        if (Models.Loaded is [var first, ..])
            ChooseModel(first.Record.Id);
    }

    private string NameOf(string id) => Models.Loaded.FirstOrDefault(model => model.Record.Id == id)?.Record.Name ?? id;

    private void SetName(string name)
    {
        _form.Name = name;
        Inspect();
    }

    private void SetSeed(long? seed)
    {
        _form.Seed = seed;
        Inspect();
    }

    private void ChooseModel(string id)
    {
        (_form.ModelId, _form.KnownTargets) = (id, Models.Targets(id));
        Inspect();
    }

    private void Inspect()
    {
        try
        {
            (_findings, _outlook) = _form.Inspect(Adapters);
            _failure = null;
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
    }

    private async Task CreateAsync()
    {
        Inspect();
        if (string.IsNullOrWhiteSpace(_form.Name))
            _findings = _findings with { AtFields = new Dictionary<string, string>(_findings.AtFields) { [NewAdapterForm.NameField.Id] = "The adapter needs a name." } };
        if (_creating || _failure is not null || !_findings.IsSound)
            return;
        _creating = true;
        try
        {
            var created = await Adapters.CreateAsync(_form.Name.Trim(), _form.ToSpec(), _form.ModelId!, _form.Seed!.Value);
            Navigation.NavigateTo($"/adapters/{created.Id}");
        }
        catch (StudioException refusal) when (refusal.Details.Count > 0)
        {
            _findings = _form.Sort(refusal.Details);
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
        finally
        {
            _creating = false;
        }
    }
}

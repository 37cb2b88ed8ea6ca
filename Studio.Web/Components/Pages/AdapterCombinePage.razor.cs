using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Web.Adapters;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Pages;

/// <summary>Makes one adapter of several. Adapters of one base only: the first choice decides which.</summary>
public sealed partial class AdapterCombinePage
{
    private readonly CombineForm _form = new();
    private IReadOnlyList<AdapterRecord>? _usable;
    private CombinedAdapter? _done;
    private Refusal? _failure;
    private bool _busy;

    [SupplyParameterFromQuery(Name = "with")] private string? First { get; set; }

    [Inject] public required IAdapterService Adapters { get; init; }

    [Inject] public required IModelService Models { get; init; }

    private IEnumerable<AdapterRecord> Choices => _form.Members.Count == 0 ? _usable! : _usable!.Where(adapter => adapter.BaseModelId == _form.Members[0].Adapter.BaseModelId);

    protected override async Task OnInitializedAsync()
    {
        try
        {
            var all = await Adapters.ListAsync();
            _usable = [.. all.Where(adapter => Models.Loaded.Any(model => AdapterText.Fits(adapter, model.Record)))];
            if (_usable.FirstOrDefault(adapter => adapter.Id == First) is { } first)
                Toggle(first);
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
    }

    private bool Has(AdapterRecord adapter) => _form.Members.Exists(member => member.Adapter.Id == adapter.Id);

    private void Toggle(AdapterRecord adapter)
    {
        if (_form.Members.RemoveAll(member => member.Adapter.Id == adapter.Id) == 0)
            _form.Members.Add(new CombineMember(adapter));
    }

    private async Task CombineAsync()
    {
        if (_busy || _form.Finding is not null)
            return;
        (_busy, _failure, _done) = (true, null, null);
        StateHasChanged();
        try
        {
            _done = await Adapters.CombineAsync(_form.ToRequest());
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
        finally
        {
            _busy = false;
        }
    }
}

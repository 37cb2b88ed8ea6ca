using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Adapters;

/// <summary>The tensors of an adapter with shape and norm, as they are at the moment of reading. They are read after the page has come up.</summary>
public sealed partial class TensorTable : IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private IReadOnlyList<AdapterTensorInfo>? _tensors;
    private Refusal? _failure;
    private string _filter = "";
    private bool _reading;

    /// <summary>Id of the adapter.</summary>
    [Parameter, EditorRequired] public required string AdapterId { get; set; }

    [Inject] public required IAdapterService Adapters { get; init; }

    private IReadOnlyList<AdapterTensorInfo> Found => [.. (_tensors ?? []).Where(tensor => tensor.Name.Contains(_filter.Trim(), StringComparison.OrdinalIgnoreCase))];

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        await ReadAsync();
        StateHasChanged();
    }

    private async Task ReadAsync()
    {
        _reading = true;
        try
        {
            _tensors = await Adapters.TensorsAsync(AdapterId, _leaving.Token);
            _failure = null;
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            // Nobody looks any more.
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
        finally
        {
            _reading = false;
        }
    }

    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }
}

using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;
using Studio.Web.FineTunes;
using Studio.Web.Formatting;

namespace Studio.Web.Components.Datasets;

/// <summary>Token counts of a data set under one model's template. Counting a large one takes seconds; the places are kept meanwhile.</summary>
public sealed partial class TokenFigures : IDisposable
{
    private readonly CancellationTokenSource _closing = new();
    private (string DatasetId, string ModelId) _shown;
    private DatasetSummary? _summary;
    private Refusal? _failure;

    /// <summary>Id of the data set.</summary>
    [Parameter, EditorRequired] public required string DatasetId { get; set; }

    /// <summary>Id of a loaded base model.</summary>
    [Parameter, EditorRequired] public required string ModelId { get; set; }

    /// <summary>Its name.</summary>
    [Parameter, EditorRequired] public required string ModelName { get; set; }

    /// <summary>Most tokens that it reads.</summary>
    [Parameter, EditorRequired] public required int ContextLength { get; set; }

    /// <summary>A choice of models beside the title. Default: none.</summary>
    [Parameter] public RenderFragment? ChildContent { get; set; }

    [Inject] public required IDatasetService Datasets { get; init; }

    protected override Task OnParametersSetAsync()
    {
        if (_shown == (DatasetId, ModelId))
            return Task.CompletedTask;
        _shown = (DatasetId, ModelId);
        return ReadAsync();
    }

    private string Text(Func<DatasetSummary, string> figure) => _summary is { } summary ? figure(summary) : NumberText.None;

    private string Note(Func<DatasetSummary, string> note) => _summary is { } summary ? note(summary) : "Counting…";

    private async Task ReadAsync()
    {
        var asked = _shown;
        (_summary, _failure) = (null, null);
        try
        {
            var summary = await Datasets.SummaryAsync(asked.DatasetId, asked.ModelId, _closing.Token);
            // A later choice is counted instead.
            if (asked == _shown)
                _summary = summary;
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The page is closing.
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            if (asked == _shown)
                _failure = refusal;
        }
    }

    public void Dispose()
    {
        _closing.Cancel();
        _closing.Dispose();
    }
}

using System.Globalization;
using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;
using Studio.Web.Datasets;
using Studio.Web.FineTunes;
using Studio.Web.Formatting;

namespace Studio.Web.Components.Datasets;

/// <summary>One row, token by token: what is learned, what is only read, and what training would cut off.</summary>
public sealed partial class RowPreviewCard : IDisposable
{
    /// <summary>Tokens that are drawn at most.</summary>
    public const int MostTokens = 4096;

    private readonly CancellationTokenSource _closing = new();
    private (string DatasetId, string ModelId, long Row) _asked;
    private RowPreview? _preview;
    private Refusal? _failure;
    private int _trained;
    private int _cut;

    /// <summary>Id of the data set.</summary>
    [Parameter, EditorRequired] public required string DatasetId { get; set; }

    /// <summary>Its usable rows.</summary>
    [Parameter, EditorRequired] public required long Rows { get; set; }

    /// <summary>Id of a loaded base model.</summary>
    [Parameter, EditorRequired] public required string ModelId { get; set; }

    /// <summary>Which row, and how long it may be.</summary>
    [Parameter, EditorRequired] public required PreviewState State { get; set; }

    /// <summary>Raised with what to show instead.</summary>
    [Parameter] public EventCallback<PreviewState> OnChange { get; set; }

    [Inject] public required IDatasetService Datasets { get; init; }

    private string RowText => State.Row.ToString(CultureInfo.CurrentCulture);

    private string LengthText => State.Length.ToString(CultureInfo.CurrentCulture);

    private string CountText => _preview is { } preview
        ? $"{NumberText.Count(preview.Tokens.Count)} tokens, {NumberText.Count(_trained)} trained{(_cut > 0 ? $", {NumberText.Count(_cut)} cut off" : "")}"
        : "";

    protected override async Task OnParametersSetAsync()
    {
        if (_asked != (DatasetId, ModelId, State.Row))
        {
            _asked = (DatasetId, ModelId, State.Row);
            await ReadAsync();
        }
        Count();
    }

    private async Task ReadAsync()
    {
        var asked = _asked;
        _failure = null;
        if (asked.Row > Rows)
        {
            (_preview, _failure) = (null, new Refusal($"There is no row {NumberText.Count(asked.Row)}; expected 1 to {NumberText.Count(Rows)}.", null));
            return;
        }
        try
        {
            var preview = await Datasets.PreviewAsync(asked.DatasetId, asked.ModelId, (int)(asked.Row - 1), MostTokens, _closing.Token);
            // A later row is shown instead.
            if (asked == _asked)
                _preview = preview;
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The page is closing.
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            if (asked == _asked)
                (_preview, _failure) = (null, refusal);
        }
        Count();
    }

    private void Count()
    {
        var tokens = _preview?.Tokens ?? [];
        _trained = tokens.Take(State.Length).Count(token => token.Trained);
        _cut = Math.Max(0, tokens.Count - State.Length);
    }

    private Task GoTo(long row) => OnChange.InvokeAsync(State with { Row = Math.Clamp(row, 1, Math.Max(1, Rows)) });

    private Task SetRow(string? text) => long.TryParse(text, NumberStyles.Integer, CultureInfo.CurrentCulture, out var row) ? GoTo(row) : Task.CompletedTask;

    private Task SetLength(string? text) => int.TryParse(text, NumberStyles.Integer, CultureInfo.CurrentCulture, out var length)
        ? OnChange.InvokeAsync(State with { Length = Math.Clamp(length, 2, 1_000_000) })
        : Task.CompletedTask;

    public void Dispose()
    {
        _closing.Cancel();
        _closing.Dispose();
    }
}

using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;
using Studio.Core;
using Studio.Core.Serving;
using Studio.Web.Api;
using Studio.Web.Datasets;
using Studio.Web.FineTunes;
using Studio.Web.Formatting;

namespace Studio.Web.Components.Datasets;

/// <summary>Takes a JSONL file in: progress while it travels, then what was stored and what is wrong with which line.</summary>
public sealed partial class DatasetUploadCard : IDisposable
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(150);

    private IBrowserFile? _file;
    private string _name = "";
    private string? _failure;
    private IReadOnlyList<string> _lines = [];
    private DatasetUpload? _added;
    private CancellationTokenSource? _upload;
    private long _sent;
    private long _shownAt;
    private int _attempt;
    private bool _dragging;

    [Inject] public required IDatasetService Datasets { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    private bool IsBusy => _upload is not null;

    private string DropClass => $"studio-drop{(_dragging ? " studio-drop-over" : "")}{(IsBusy ? " studio-drop-busy" : "")}";

    private int Percent => _file is { Size: > 0 } file ? (int)Math.Clamp(100 * Interlocked.Read(ref _sent) / file.Size, 0, 100) : 0;

    private string ProgressText => Interlocked.Read(ref _sent) is var sent && sent < _file!.Size
        ? $"{BytesText.Format(sent)} of {BytesText.Format(_file.Size)}"
        : "Reading its rows…";

    private static string Rows(long count) => count == 1 ? "1 row" : $"{NumberText.Count(count)} rows";

    private static string Lines(long count) => count == 1 ? "1 line was" : $"{NumberText.Count(count)} lines were";

    private void Choose(InputFileChangeEventArgs change)
    {
        _dragging = false;
        (_failure, _lines, _added) = (null, [], null);
        _file = change.FileCount > 0 ? change.GetMultipleFiles(change.FileCount)[0] : null;
        if (_file is not { } file)
            return;
        if (change.FileCount > 1)
            Refuse($"{change.FileCount} files were dropped; expected one at a time.");
        else if (file.Size > RequestLimits.DatasetBytes)
            Refuse($"'{file.Name}' has {BytesText.Format(file.Size)}; expected at most {BytesText.Format(RequestLimits.DatasetBytes)}. Split it into several files.");
        else if (file.Size == 0)
            Refuse($"'{file.Name}' is empty. Expected UTF-8 text with one JSON object a line.");
    }

    private async Task ImportAsync()
    {
        if (_file is not { } file || IsBusy)
            return;
        (_failure, _lines, _added, _sent) = (null, [], null, 0);
        using var upload = new CancellationTokenSource();
        _upload = upload;
        try
        {
            await using var content = new ReadProgressStream(file.OpenReadStream(RequestLimits.DatasetBytes, upload.Token), Report);
            _added = await Datasets.ImportAsync(_name, file.Name, content, upload.Token);
            (_file, _name) = (null, "");
            _attempt++;
        }
        catch (Exception exception) when (upload.IsCancellationRequested && Refusal.Of(exception) is null)
        {
            // Given up by the user, or the page is gone. What had arrived is dropped.
        }
        catch (StudioException exception)
        {
            Refuse(exception.Message);
            _lines = exception.Details;
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            Refuse(refusal.Message);
        }
        catch (Exception exception) when (exception is JSException or JSDisconnectedException or TimeoutException or OperationCanceledException)
        {
            // The browser no longer gives the file: it was moved or changed since it was chosen, or the connection broke.
            Refuse($"'{file.Name}' did not arrive as a whole: it was moved or changed, or the connection broke. Nothing was stored; choose it again.");
        }
        finally
        {
            _upload = null;
        }
    }

    // A refused file must be chosen anew: the browser reports no change when the same, now mended, file is chosen into the same element.
    private void Refuse(string message)
    {
        _failure = message;
        _file = null;
        _attempt++;
    }

    private void Cancel() => _upload?.Cancel();

    private void Report(long sent)
    {
        Interlocked.Exchange(ref _sent, sent);
        var now = Clock.GetTimestamp();
        if (sent < _file?.Size && Clock.GetElapsedTime(_shownAt, now) < ProgressInterval)
            return;
        _shownAt = now;
        _ = InvokeAsync(StateHasChanged);
    }

    public void Dispose() => _upload?.Cancel();
}

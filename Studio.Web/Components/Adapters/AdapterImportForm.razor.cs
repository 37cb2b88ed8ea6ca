using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;
using Studio.Core.Serving;
using Studio.Web.Api;
using Studio.Web.Datasets;
using Studio.Web.FineTunes;
using Studio.Web.Formatting;

namespace Studio.Web.Components.Adapters;

/// <summary>Takes an adapter's files in: a zip or a folder from the browser, or a folder of the studio's machine. What is in them is shown before anything is stored.</summary>
public sealed partial class AdapterImportForm : IAsyncDisposable
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(150);
    private static readonly FormField FolderField = new("adapter-server-folder", "Or a folder of the studio's machine", "Absolute path. The files are read there and copied; the folder itself is left as it is.");

    private ElementReference _zone;
    private IJSObjectReference? _module;
    private StagedAdapter? _staged;
    private CancellationTokenSource? _upload;
    private Refusal? _failure;
    private string _folder = "";
    private long _sent;
    private long _total;
    private long _shownAt;
    private int _attempt;
    private bool _dragging;
    private bool _left;

    [Inject] public required IAdapterService Adapters { get; init; }

    [Inject] public required IJSRuntime Runtime { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    private bool IsBusy => _upload is not null;

    private string DropClass => $"studio-drop{(_dragging ? " studio-drop-over" : "")}{(IsBusy ? " studio-drop-busy" : "")}";

    private int Percent => _total > 0 ? (int)Math.Clamp(100 * Interlocked.Read(ref _sent) / _total, 0, 100) : 0;

    private string ProgressText => Interlocked.Read(ref _sent) is var sent && sent < _total ? $"{BytesText.Format(sent)} of {BytesText.Format(_total)}" : "Looking at the files…";

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
            return;
        try
        {
            _module = await Runtime.InvokeAsync<IJSObjectReference>("import", "/js/drop-folder.js");
            await _module.InvokeVoidAsync("takeFolders", _zone);
        }
        catch (JSDisconnectedException)
        {
            // The page is gone.
        }
    }

    private async Task ChooseAsync(InputFileChangeEventArgs change)
    {
        _dragging = false;
        if (change.FileCount == 0)
            return;
        var limits = new AdapterPackageLimits();
        if (change.FileCount > limits.Entries)
        {
            Refuse(new Refusal($"{change.FileCount} files were chosen; expected the folder of one adapter, with at most {limits.Entries}.", null));
            return;
        }
        var files = change.GetMultipleFiles(change.FileCount);
        if (files is [var one] && Path.GetExtension(one.Name).Equals(".zip", StringComparison.OrdinalIgnoreCase))
        {
            if (one.Size > RequestLimits.AdapterBytes)
                Refuse(new Refusal($"'{one.Name}' has {BytesText.Format(one.Size)}; expected at most {BytesText.Format(RequestLimits.AdapterBytes)}. A folder of the studio's machine may be larger.", null));
            else
                await StageAsync(one.Size, ct => AdapterPackage.Zip(one.Name, Watched(one, ct)));
            return;
        }
        var folder = _module is null ? "" : await _module.InvokeAsync<string?>("folderOf", _zone) ?? "";
        var packaged = files.Select(file => new PackagedFile(file.Name, file.Size, ct => Watched(file, ct))).ToList();
        await StageAsync(files.Where(file => AdapterPackage.IsKept(file.Name)).Sum(file => file.Size), _ => AdapterPackage.Files(folder.Length > 0 ? folder : AdapterPackage.ChosenFiles, packaged));
    }

    private Task ReadFolderAsync() => IsBusy || string.IsNullOrWhiteSpace(_folder) ? Task.CompletedTask : StageAsync(0, _ => AdapterPackage.Folder(_folder.Trim()));

    private async Task StageAsync(long total, Func<CancellationToken, AdapterPackage> package)
    {
        Forget();
        (_failure, _sent, _total) = (null, 0, total);
        using var upload = new CancellationTokenSource();
        _upload = upload;
        try
        {
            _staged = await Adapters.StageAsync(package(upload.Token), upload.Token);
            if (_left)
                Forget();
        }
        catch (Exception exception) when (upload.IsCancellationRequested && Refusal.Of(exception) is null)
        {
            // Given up by the user, or the page is gone. What had arrived is dropped.
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
        catch (Exception exception) when (exception is JSException or JSDisconnectedException or TimeoutException or OperationCanceledException)
        {
            _failure = new Refusal("The files did not arrive as a whole: they were moved or changed, or the connection broke. Nothing was stored; choose them again.", null);
        }
        finally
        {
            _upload = null;
            // The browser reports no change when the same, now mended, file is chosen into the same element.
            _attempt++;
        }
    }

    private ReadProgressStream Watched(IBrowserFile file, CancellationToken ct)
    {
        var before = Interlocked.Read(ref _sent);
        return new ReadProgressStream(file.OpenReadStream(RequestLimits.AdapterBytes, ct), read => Report(before + read));
    }

    private void Report(long sent)
    {
        Interlocked.Exchange(ref _sent, sent);
        var now = Clock.GetTimestamp();
        if (sent < _total && Clock.GetElapsedTime(_shownAt, now) < ProgressInterval)
            return;
        _shownAt = now;
        _ = InvokeAsync(StateHasChanged);
    }

    private void Refuse(Refusal refusal)
    {
        Forget();
        _failure = refusal;
        _attempt++;
    }

    private void Forget()
    {
        _staged?.Dispose();
        _staged = null;
    }

    private void Cancel() => _upload?.Cancel();

    public async ValueTask DisposeAsync()
    {
        _left = true;
        _upload?.Cancel();
        Forget();
        try
        {
            if (_module is not null)
                await _module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone, and the module with it.
        }
    }
}

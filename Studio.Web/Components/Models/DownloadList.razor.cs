using Microsoft.AspNetCore.Components;
using Studio.Core;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Web.FineTunes;
using Studio.Web.Formatting;
using Studio.Web.Live;

namespace Studio.Web.Components.Models;

/// <summary>Downloads from the Hub: how far each is, and what can be done with it. Only looks: they belong to the engine.</summary>
public sealed partial class DownloadList
{
    private readonly Dictionary<string, string> _tokens = [];
    private Refusal? _failure;

    /// <summary>One of <see cref="DownloadKind"/>: what is shown.</summary>
    [Parameter, EditorRequired] public required string Kind { get; set; }

    [Inject] public required IDownloadService Downloads { get; init; }

    private IReadOnlyList<DownloadView> Shown => [.. Downloads.Downloads.Where(view => view.Record.Kind == Kind)];

    protected override void OnInitialized() => Watch(LiveSources.Event((Action handler) => Downloads.Changed += handler, handler => Downloads.Changed -= handler));

    private static string NameOf(DownloadRecord record) => string.Join(" · ", new[] { record.HubId, record.Subset, record.Split }.Where(part => part is { Length: > 0 }));

    private static int Percent(DownloadView view) => view.TotalBytes > 0 ? (int)Math.Clamp(100 * view.DoneBytes / view.TotalBytes, 0, 100) : 0;

    private static string ProgressClass(DownloadState state) => state switch
    {
        DownloadState.Running => "running",
        DownloadState.Failed => "failed",
        DownloadState.Interrupted => "paused",
        _ => "queued",
    };

    private static string StateText(DownloadView view)
    {
        string size = view.TotalBytes > 0 ? $"{BytesText.Format(view.DoneBytes)} of {BytesText.Format(view.TotalBytes)}" : "";
        string[] parts = view.Record.State switch
        {
            DownloadState.Queued => ["Waits for other downloads"],
            DownloadState.Running when view.TotalBytes == 0 => ["Asks the Hub…"],
            DownloadState.Running => [size, $"{BytesText.Format((long)view.BytesPerSecond)}/s", view.Remaining is { } left ? $"{DurationText.Format(left)} left" : "", view.File.Length > 0 ? view.File : "Reading what arrived…"],
            DownloadState.Finished => ["Finished", BytesText.Format(view.TotalBytes)],
            _ => [view.Record.State.ToString(), size],
        };
        return string.Join(" · ", new[] { view.Record.Revision }.Concat(parts).Where(part => part.Length > 0));
    }

    private Task ResumeAsync(string id) => TryAsync(() => Downloads.ResumeAsync(id, _tokens.GetValueOrDefault(id, "")));

    private Task CancelAsync(string id) => TryAsync(() => Downloads.CancelAsync(id));

    private async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            _failure = null;
        }
        catch (NotFoundException)
        {
            // Somebody else removed it meanwhile: the list shows so.
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
    }
}

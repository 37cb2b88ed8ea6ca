using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Datasets;

/// <summary>Begins the download of a data set by its id on the Hub. How it goes on is for <see cref="Models.DownloadList"/> to show.</summary>
public sealed partial class DatasetHubCard
{
    private static readonly FormField IdField = new("dataset-hub-id", "Dataset id", "As on its page of the Hub: owner/name. JSON Lines, JSON lists and Parquet, at most 512 MiB a split; its code is never run.");
    private static readonly FormField ConfigField = new("dataset-hub-config", "Config", "Which of its subsets, where it has several. Empty means its default.");
    private static readonly FormField SplitField = new("dataset-hub-split", "Split", "Which part of it: train, test, … Empty means train.");
    private static readonly FormField RevisionField = new("dataset-hub-revision", "Revision", "A branch, a tag or a commit. Empty means main.");
    private static readonly FormField TokenField = new("dataset-hub-token", "Token", "For gated or private datasets. It is kept in memory only; without one, HF_TOKEN of the studio's environment counts.");

    private string _hubId = "";
    private string _config = "";
    private string _split = "";
    private string _revision = "";
    private string _token = "";
    private string? _finding;
    private bool _busy;

    [Inject] public required IDownloadService Downloads { get; init; }

    private async Task DownloadAsync()
    {
        if (_busy)
            return;
        _busy = true;
        try
        {
            await Downloads.StartAsync(new DownloadRequest { Kind = DownloadKind.Dataset, HubId = _hubId, Subset = _config, Split = _split, Revision = _revision, Token = _token });
            (_hubId, _config, _split, _revision, _token, _finding) = ("", "", "", "", "", null);
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _finding = refusal.Message;
        }
        finally
        {
            _busy = false;
        }
    }
}

using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Models;

/// <summary>Two ways to a model: by its id on the Hub, or from a folder on the studio's machine.</summary>
public sealed partial class ModelForms
{
    private static readonly FormField HubIdField = new("hub-id", "Model id", "As on its page of the Hub: owner/name. Safetensors in a supported family; pickle weights are never opened.");
    private static readonly FormField RevisionField = new("hub-revision", "Revision", "A branch, a tag or a commit. Empty means main.");
    private static readonly FormField TokenField = new("hub-token", "Token", "For gated or private models. It is kept in memory only; without one, HF_TOKEN of the studio's environment counts.");
    private static readonly FormField FolderField = new("import-folder", "Folder", "Absolute path on the studio's machine, in Hugging Face layout. It is loaded where it lies; nothing is copied.");
    private static readonly FormField TypeField = new("import-type", "Compute type", "What it computes in. auto is bfloat16 where the weights are half precision and the machine is fast at it, else float32.");
    private static readonly IReadOnlyList<string> Types = ["auto", "float32", "bfloat16"];

    private string _hubId = "";
    private string _revision = "";
    private string _token = "";
    private bool _load = true;
    private string _folder = "";
    private string _type = "auto";
    private string? _downloadFinding;
    private string? _importFinding;
    private bool _starting;
    private bool _importing;
    private ModelRecord? _loaded;
    private string _loadedFolder = "";

    [Inject] public required IDownloadService Downloads { get; init; }

    [Inject] public required IModelService Models { get; init; }

    private async Task DownloadAsync()
    {
        if (_starting)
            return;
        (_starting, _downloadFinding) = (true, null);
        _downloadFinding = await TryAsync(() => Downloads.StartAsync(new DownloadRequest { Kind = DownloadKind.Model, HubId = _hubId, Revision = _revision, Token = _token, Load = _load }));
        _starting = false;
        if (_downloadFinding is null)
            (_hubId, _revision, _token) = ("", "", "");
    }

    private async Task ImportAsync()
    {
        if (_importing)
            return;
        var folder = _folder.Trim();
        if (!Path.IsPathFullyQualified(folder))
        {
            _importFinding = "The folder is no absolute path; expected for example /home/you/models/my-model.";
            return;
        }
        (_importing, _importFinding, _loaded) = (true, null, null);
        _importFinding = await TryAsync(async () => (_loaded, _loadedFolder) = (await Models.LoadAsync(folder, _type), folder));
        _importing = false;
        if (_importFinding is null)
            _folder = "";
    }

    private static async Task<string?> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return null;
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            return refusal.Message;
        }
    }
}

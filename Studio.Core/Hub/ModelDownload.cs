using Studio.Core.Storage;

namespace Studio.Core.Hub;

/// <summary>Brings a model into a folder: first what describes it, then, if that can be used, its weights. The folder appears only when everything is there and checked.</summary>
public sealed class ModelDownload(HubClient client)
{
    /// <summary>Downloads a model, going on with what is in <paramref name="stage"/>.</summary>
    /// <param name="info">The repository.</param>
    /// <param name="stage">Folder for the time of the download; stays after a failure, so that the next time goes on from there.</param>
    /// <param name="target">Folder of the finished model, on the same disk.</param>
    /// <param name="token">Token; null = that of the client.</param>
    /// <param name="inspect">Looks at config.json and the other small files before the weights come, and refuses by throwing.</param>
    /// <param name="progress">Receives how far it is.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="HubException">It cannot be brought.</exception>
    public async Task RunAsync(HubRepoInfo info, string stage, string target, string? token, Action<string> inspect, HubProgress progress, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(info);
        ArgumentNullException.ThrowIfNull(inspect);
        ArgumentNullException.ThrowIfNull(progress);
        var descriptions = ModelFiles.Descriptions(info);
        progress.Plan(descriptions.Sum(file => Math.Max(0, file.Bytes)));
        await client.DownloadAsync(info.Repo, descriptions, stage, token, progress, ct).ConfigureAwait(false);
        inspect(stage);
        var weights = ModelFiles.WeightFiles(info, stage);
        progress.Plan(descriptions.Concat(weights).Sum(file => Math.Max(0, file.Bytes)));
        await client.DownloadAsync(info.Repo, weights, stage, token, progress, ct).ConfigureAwait(false);
        Publish(stage, target);
    }

    private static void Publish(string stage, string target)
    {
        DiskFlush.Tree(stage);
        Directory.Move(stage, target);
        DiskFlush.Directory(Path.GetDirectoryName(target)!);
        DiskFlush.Directory(Path.GetDirectoryName(stage)!);
    }
}

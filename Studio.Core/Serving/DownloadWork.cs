using Studio.Core.Hub;
using Studio.Core.Storage;

namespace Studio.Core.Serving;

/// <summary>What one download does from its beginning to the model or data set that it becomes.</summary>
internal sealed class DownloadWork(DataDirectory directory, HubClient hub, ModelLibrary models, IDatasetService datasets)
{
    private const string RowsFile = "rows.jsonl";

    /// <summary>Does it and returns the id of what it has become.</summary>
    /// <param name="job">The download.</param>
    /// <param name="resolved">Told the commit, so that a later attempt brings the same files.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<string> RunAsync(DownloadJob job, Func<string, Task> resolved, CancellationToken ct)
    {
        var record = job.Record;
        var kind = KindOf(record.Kind);
        // Once the commit is known it is asked for itself: a branch may have moved, and what has arrived is of this commit.
        var info = await hub.DescribeAsync(HubRepo.Parse(kind, record.HubId, record.Commit ?? record.Revision), job.Token, ct).ConfigureAwait(false);
        if (record.Commit is null) await resolved(info.Repo.Revision).ConfigureAwait(false);
        return kind == HubRepoKind.Model ? await ModelAsync(job, info, ct).ConfigureAwait(false) : await DatasetAsync(job, info, ct).ConfigureAwait(false);
    }

    /// <summary>The kind of a repository by the word that records use.</summary>
    /// <exception cref="StudioException">It is another word.</exception>
    public static HubRepoKind KindOf(string kind) => kind switch
    {
        DownloadKind.Model => HubRepoKind.Model,
        DownloadKind.Dataset => HubRepoKind.Dataset,
        _ => throw new StudioException($"The kind '{kind}' is unknown; expected {DownloadKind.Model} or {DownloadKind.Dataset}."),
    };

    private async Task<string> ModelAsync(DownloadJob job, HubRepoInfo info, CancellationToken ct)
    {
        string id = job.Record.Id, target = directory.ModelPath(id);
        if (await models.FindDownloadedAsync(info.Repo.Id, info.Repo.Revision, ct).ConfigureAwait(false) is not { } model)
        {
            // It is there already where the process ended between the last rename and the record.
            if (!Directory.Exists(target))
                await new ModelDownload(hub).RunAsync(info, directory.DownloadPath(id), target, job.Token, folder => ModelInspector.Require(folder, info.Repo.Id), job.Progress, ct).ConfigureAwait(false);
            model = await models.AdoptAsync(id, target, info.Repo.Id, info.Repo.Id, info.Repo.Revision, ct).ConfigureAwait(false);
        }
        if (job.Record.Load) await models.LoadKnownAsync(model.Id, ct: ct).ConfigureAwait(false);
        return model.Id;
    }

    private async Task<string> DatasetAsync(DownloadJob job, HubRepoInfo info, CancellationToken ct)
    {
        var files = DatasetFiles.Select(info, job.Record.Subset, job.Record.Split);
        string stage = directory.DownloadPath(job.Record.Id), rows = Path.Combine(stage, RowsFile + ".all");
        job.Progress.Plan(files.Sum(file => file.Bytes));
        await hub.DownloadAsync(info.Repo, files, stage, job.Token, job.Progress, ct).ConfigureAwait(false);
        await DatasetRows.WriteAsync([.. files.Select(file => HubFileName.PathOf(stage, file.Name))], rows, ct).ConfigureAwait(false);
        string split = job.Record.Split.Length > 0 ? job.Record.Split : DatasetFiles.DefaultSplit;
        string name = string.Join(" · ", new[] { info.Repo.Id, job.Record.Subset, split }.OfType<string>());
        DatasetUpload upload;
        await using (var content = File.OpenRead(rows))
            upload = await datasets.ImportAsync(name, $"{info.Repo.Id.Split('/')[^1]}-{split}.jsonl", content, ct).ConfigureAwait(false);
        AtomicDirectory.Delete(stage);
        return upload.Dataset.Id;
    }
}

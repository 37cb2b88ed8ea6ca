using Microsoft.Extensions.Logging;
using Studio.Core.Hub;
using Studio.Core.Storage;

namespace Studio.Core.Serving;

/// <summary>The downloads of an engine: a job each, at most three at work, kept in the database, taken up again after a restart.</summary>
public sealed class DownloadLibrary : IDownloadService, IAsyncDisposable
{
    private const int AtOnce = 3;
    private static readonly TimeSpan SignalInterval = TimeSpan.FromMilliseconds(200);

    private readonly DataDirectory _directory;
    private readonly StudioDatabase _database;
    private readonly DownloadWork _work;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _slots = new(AtOnce);
    private readonly Lock _gate = new();
    private readonly List<DownloadJob> _jobs = [];
    private readonly ITimer _signal;
    private int _signalDue;
    private bool _closing;

    private DownloadLibrary(DataDirectory directory, StudioDatabase database, DownloadWork work, ILogger log, TimeProvider? time)
    {
        _directory = directory;
        _database = database;
        _work = work;
        _log = log;
        _time = time ?? TimeProvider.System;
        _signal = _time.CreateTimer(_ => Signal(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public IReadOnlyList<DownloadView> Downloads
    {
        get
        {
            lock (_gate) return [.. _jobs.OrderByDescending(job => job.Record.Id, StringComparer.Ordinal).Select(job => job.View())];
        }
    }

    /// <summary>Opens the downloads of a data directory and goes on with those that the end of the last process interrupted.</summary>
    internal static async Task<DownloadLibrary> OpenAsync(DataDirectory directory, StudioDatabase database, DownloadWork work, ILogger log, TimeProvider? time = null, CancellationToken ct = default)
    {
        var library = new DownloadLibrary(directory, database, work, log, time);
        foreach (var record in await database.Downloads.ListAsync(ct).ConfigureAwait(false))
        {
            if (record.State == DownloadState.Finished)
            {
                await database.Downloads.DeleteAsync(record.Id, ct).ConfigureAwait(false);
                continue;
            }
            bool wasActive = record.State is DownloadState.Queued or DownloadState.Running;
            var job = new DownloadJob(wasActive && record.HasOwnToken
                ? record with { State = DownloadState.Interrupted, Error = "The studio was closed. Give the token again to go on; it is never stored." }
                : record, token: null);
            library._jobs.Add(job);
            if (wasActive && !record.HasOwnToken) library.Launch(job);
            else if (job.Record != record) await database.Downloads.UpsertAsync(job.Record, ct).ConfigureAwait(false);
        }
        return library;
    }

    /// <inheritdoc/>
    public async Task<DownloadView> StartAsync(DownloadRequest request, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var repo = Parse(request);
        string? token = TokenOf(request.Token);
        var job = new DownloadJob(new DownloadRecord
        {
            Id = StudioId.New(),
            Kind = request.Kind,
            HubId = repo.Id,
            Revision = repo.Revision,
            Subset = request.Subset.Trim() is { Length: > 0 } subset ? subset : null,
            Split = request.Split.Trim(),
            Load = request.Load && request.Kind == DownloadKind.Model,
            HasOwnToken = token is not null,
            State = DownloadState.Queued,
            CreatedAt = DateTimeOffset.UtcNow,
        }, token);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closing, this);
            if (_jobs.Find(other => other.Record.State != DownloadState.Finished && IsSame(other.Record, job.Record)) is { } same)
            {
                job.Dispose();
                throw new StudioException(same.IsActive ? $"'{repo.Id}' is being downloaded already." : $"A download of '{repo.Id}' stopped earlier. Resume it, or cancel it to begin anew.");
            }
            _jobs.Add(job);
        }
        await SaveAsync(job, ct).ConfigureAwait(false);
        Launch(job);
        return job.View();
    }

    /// <inheritdoc/>
    public async Task<DownloadView> ResumeAsync(string id, string token = "", CancellationToken ct = default)
    {
        var job = Get(id);
        string? own = TokenOf(token);
        await job.Work.WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closing, this);
            if (job.Record.State is not (DownloadState.Failed or DownloadState.Interrupted))
                throw new StudioException($"The download of '{job.Record.HubId}' {(job.Record.State == DownloadState.Finished ? "has finished" : "is at work")}.");
            job.Record = job.Record with { State = DownloadState.Queued, Error = null, EndedAt = null, HasOwnToken = (own ?? job.Token) is not null };
        }
        job.Token = own ?? job.Token;
        await SaveAsync(job, ct).ConfigureAwait(false);
        Launch(job);
        return job.View();
    }

    /// <inheritdoc/>
    public async Task CancelAsync(string id, CancellationToken ct = default)
    {
        var job = Get(id);
        await job.Ending.CancelAsync().ConfigureAwait(false);
        await job.Work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Run(() => AtomicDirectory.Delete(_directory.DownloadPath(id)), CancellationToken.None).ConfigureAwait(false);
        await _database.Downloads.DeleteAsync(id, CancellationToken.None).ConfigureAwait(false);
        lock (_gate) _jobs.Remove(job);
        job.Dispose();
        Changed?.Invoke();
    }

    /// <summary>Stops what runs; the next process goes on with it.</summary>
    public async ValueTask DisposeAsync()
    {
        DownloadJob[] jobs;
        lock (_gate)
        {
            if (_closing) return;
            (_closing, jobs) = (true, [.. _jobs]);
        }
        foreach (var job in jobs) await job.Ending.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(jobs.Select(job => job.Work)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var job in jobs) job.Dispose();
        await _signal.DisposeAsync().ConfigureAwait(false);
        _slots.Dispose();
    }

    private void Launch(DownloadJob job)
    {
        job.Ending.Dispose();
        job.Ending = new CancellationTokenSource();
        job.Progress = new HubProgress(_time);
        job.Progress.Changed += SignalSoon;
        var ct = job.Ending.Token;
        job.Work = Task.Run(() => RunAsync(job, ct), CancellationToken.None);
        Changed?.Invoke();
    }

    private async Task RunAsync(DownloadJob job, CancellationToken ct)
    {
        try
        {
            await _slots.WaitAsync(ct).ConfigureAwait(false);
            try
            {
                await SetAsync(job, record => record with { State = DownloadState.Running, Error = null }).ConfigureAwait(false);
                string result = await _work.RunAsync(job, commit => SetAsync(job, record => record with { Commit = commit }), ct).ConfigureAwait(false);
                await SetAsync(job, record => record with { State = DownloadState.Finished, ResultId = result, EndedAt = DateTimeOffset.UtcNow, DoneBytes = record.TotalBytes }).ConfigureAwait(false);
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // Cancelled by a person, who removes it, or by the end of the process, after which it goes on.
        }
        catch (Exception error)
        {
            bool explained = error is HubException or StudioException or StorageException or NotFoundException;
            if (!explained) _log.LogError(error, "The download of {Repository} failed.", job.Record.HubId);
            await SetAsync(job, record => record with
            {
                State = DownloadState.Failed,
                Error = explained ? error.Message : $"The download failed: {error.Message}",
                EndedAt = DateTimeOffset.UtcNow,
            }).ConfigureAwait(false);
        }
    }

    // The state in memory is what counts; a disk that is too full to save it must not end a download without a word.
    private async Task SetAsync(DownloadJob job, Func<DownloadRecord, DownloadRecord> change)
    {
        var progress = job.Progress;
        job.Record = change(job.Record with { TotalBytes = Math.Max(progress.TotalBytes, job.Record.TotalBytes), DoneBytes = progress.TotalBytes > 0 ? progress.DoneBytes : job.Record.DoneBytes });
        try
        {
            await SaveAsync(job, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StorageException error)
        {
            _log.LogWarning(error, "The state of the download of {Repository} could not be saved.", job.Record.HubId);
            Changed?.Invoke();
        }
    }

    private async Task SaveAsync(DownloadJob job, CancellationToken ct)
    {
        await _database.Downloads.UpsertAsync(job.Record, ct).ConfigureAwait(false);
        Changed?.Invoke();
    }

    // The first piece of news waits for those that follow it; the last is never lost.
    private void SignalSoon()
    {
        if (Interlocked.Exchange(ref _signalDue, 1) == 0) _signal.Change(SignalInterval, Timeout.InfiniteTimeSpan);
    }

    private void Signal()
    {
        Interlocked.Exchange(ref _signalDue, 0);
        Changed?.Invoke();
    }

    private DownloadJob Get(string id)
    {
        lock (_gate) return _jobs.Find(job => job.Record.Id == id) ?? throw new NotFoundException("download", id);
    }

    private static bool IsSame(DownloadRecord a, DownloadRecord b) =>
        a.Kind == b.Kind && a.HubId == b.HubId && a.Revision == b.Revision && a.Subset == b.Subset && a.Split == b.Split;

    private static string? TokenOf(string token) => token.Trim() is { Length: > 0 } own ? own : null;

    private static HubRepo Parse(DownloadRequest request)
    {
        try
        {
            return HubRepo.Parse(DownloadWork.KindOf(request.Kind), request.HubId, request.Revision);
        }
        catch (HubException error)
        {
            throw new StudioException(error.Message, inner: error);
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using LiteDB;

namespace Studio.Core.Storage;

/// <summary>
/// The one thread that touches the database. LiteDB's calls block and its transactions belong to a thread; and a LiteDB commit
/// returns before its pages are written. So requests are queued, those that wait together are run one after the other, and one
/// <c>Checkpoint()</c> makes all their writes durable before any of them is acknowledged (group commit).
/// </summary>
internal sealed class DatabaseWorker : IAsyncDisposable
{
    private const int LargestGroup = 256;

    // LiteDB 5.0.20 can wait forever when its log writer meets a full disk, so writes are refused while there is still room.
    private const long ReservedBytes = 16L << 20;

    private readonly BlockingCollection<Request> queue = [];
    private readonly DatabaseFile file;
    private readonly Func<long> freeBytes;
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LiteDatabase? database;
    private bool disposed;

    public DatabaseWorker(DatabaseFile file, Func<long>? freeBytes)
    {
        this.file = file;
        this.freeBytes = freeBytes ?? FreeBytesAt(file.FilePath);
        new Thread(Work) { Name = "studio-storage", IsBackground = true }.Start();
    }

    /// <summary>Runs <paramref name="read"/> on the database thread, after the writes queued before it.</summary>
    public Task<T> ReadAsync<T>(Func<ILiteDatabase, T> read, CancellationToken cancellation) => Enqueue(new Request<T>(read, Writes: false, cancellation));

    /// <summary>
    /// Runs <paramref name="write"/> on the database thread in one transaction. The task completes when the outcome is on the disk;
    /// cancellation is honoured until the work begins.
    /// </summary>
    public Task<T> WriteAsync<T>(Func<ILiteDatabase, T> write, CancellationToken cancellation) => Enqueue(new Request<T>(write, Writes: true, cancellation));

    /// <summary>Finishes what is queued and closes the database.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!disposed)
        {
            disposed = true;
            queue.CompleteAdding();
        }

        await stopped.Task.ConfigureAwait(false);
    }

    private Task<T> Enqueue<T>(Request<T> request)
    {
        try
        {
            queue.Add(request, CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(StudioDatabase), $"The database {file.FilePath} is closed.");
        }

        return request.Task;
    }

    private void Work()
    {
        var group = new List<Request>();
        foreach (var first in queue.GetConsumingEnumerable())
        {
            group.Add(first);
            while (group.Count < LargestGroup && queue.TryTake(out var next))
            {
                group.Add(next);
            }

            Run(group);
            group.Clear();
        }

        Close();
        queue.Dispose();
        stopped.SetResult();
    }

    [SuppressMessage("Design", "CA1031", Justification = "Every failure is handed to the caller whose request it is.")]
    private void Run(List<Request> group)
    {
        var written = new List<Request>();
        foreach (var request in group)
        {
            if (request.TryCancel())
            {
                continue;
            }

            try
            {
                if (request.Writes)
                {
                    RefuseWhenFull();
                    InTransaction(request);
                    written.Add(request);
                }
                else
                {
                    request.Execute(Database());
                    request.Succeed();
                }
            }
            catch (Exception e)
            {
                if (LosesDatabase(e))
                {
                    // Whether the group's earlier writes survived is unknown until the file is opened again: they are not acknowledged.
                    Fail(written, e);
                    Close();
                }

                request.Fail(Explain(e));
            }
        }

        Acknowledge(written);
    }

    [SuppressMessage("Design", "CA1031", Justification = "Every failure is handed to the callers whose requests it concerns.")]
    private void Acknowledge(List<Request> written)
    {
        if (written.Count == 0)
        {
            return;
        }

        try
        {
            Database().Checkpoint();
        }
        catch (Exception e)
        {
            Fail(written, e);
            Close();
            return;
        }

        foreach (var request in written)
        {
            request.Succeed();
        }
    }

    private void InTransaction(Request request)
    {
        var live = Database();
        live.BeginTrans();
        try
        {
            request.Execute(live);
            live.Commit();
        }
        catch (Exception e)
        {
            // Otherwise the database is closed, and with it the transaction.
            if (!LosesDatabase(e))
            {
                live.Rollback();
            }

            throw;
        }
    }

    private void RefuseWhenFull()
    {
        var free = freeBytes();
        if (free < ReservedBytes)
        {
            throw new StorageException(
                $"The disk of {file.FilePath} is full: {free >> 20} MiB are free, and at least {ReservedBytes >> 20} MiB are needed to save safely. Nothing was changed. Free some space and try again.");
        }
    }

    private LiteDatabase Database() => database ??= file.Open();

    // A database that failed is opened afresh by the next request; its log then brings back what was complete.
    private void Close()
    {
        database?.Dispose();
        database = null;
    }

    // LiteDB closes itself on most of its errors, and its state is uncertain after the rest.
    private static bool LosesDatabase(Exception e) => e is not (CallbackException or StorageException);

    private Exception Explain(Exception e) => e switch
    {
        CallbackException => e.InnerException!,
        StorageException => e,
        IOException => new StorageException($"The database {file.FilePath} cannot be read or written: {e.Message} A change that was being saved is not confirmed.", e),
        LiteException lite when lite.ErrorCode != LiteException.INVALID_DATAFILE_STATE =>
            new StorageException($"The database {file.FilePath} refused the request: {e.Message} A change that was being saved is not confirmed.", e),
        _ => file.Damaged(e.Message, e),
    };

    private void Fail(List<Request> requests, Exception e)
    {
        foreach (var request in requests)
        {
            request.Fail(Explain(e));
        }

        requests.Clear();
    }

    private static Func<long> FreeBytesAt(string path)
    {
        var full = Path.GetFullPath(path);
        if (OperatingSystem.IsWindows() && full.StartsWith(@"\\", StringComparison.Ordinal))
        {
            // A share without a drive letter does not tell.
            return static () => long.MaxValue;
        }

        var drive = new DriveInfo(OperatingSystem.IsWindows() ? Path.GetPathRoot(full)! : Path.GetDirectoryName(full)!);
        return () => drive.AvailableFreeSpace;
    }

    private abstract record Request(bool Writes)
    {
        public abstract void Execute(ILiteDatabase database);

        public abstract void Succeed();

        public abstract void Fail(Exception error);

        public abstract bool TryCancel();
    }

    private sealed record Request<T>(Func<ILiteDatabase, T> Body, bool Writes, CancellationToken Cancellation) : Request(Writes)
    {
        private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T result = default!;

        public Task<T> Task => completion.Task;

        public override void Execute(ILiteDatabase database) => result = Body(database);

        public override void Succeed() => completion.SetResult(result);

        public override void Fail(Exception error) => completion.SetException(error);

        public override bool TryCancel() => Cancellation.IsCancellationRequested && completion.TrySetCanceled(Cancellation);
    }
}

using System.Diagnostics.CodeAnalysis;
using LiteDB;
using Microsoft.Extensions.Logging;

namespace Studio.Core.Storage;

/// <summary>
/// The records of one kind. Tasks of changes complete when the change is on the disk; a cancelled one either did not begin or, once begun,
/// completes. Failures of the database are <see cref="StorageException"/>s.
/// </summary>
/// <typeparam name="T">Kind of record.</typeparam>
public sealed class Repository<T>
    where T : class, IRecord
{
    private readonly DatabaseWorker worker;
    private readonly RecordKind kind;
    private readonly string collection;
    private readonly ILogger log;
    private readonly Action<ILiteDatabase, string>? cascade;

    internal Repository(DatabaseWorker worker, RecordKind kind, string collection, ILogger log, Action<ILiteDatabase, string>? cascade = null)
    {
        this.worker = worker;
        this.kind = kind;
        this.collection = collection;
        this.log = log;
        this.cascade = cascade;
    }

    /// <summary>
    /// Raised after each change, on the thread that completed it. Handlers return quickly (signal, then re-read elsewhere);
    /// one that throws is logged and harms neither the change nor the other handlers.
    /// </summary>
    public event Action<RecordChange>? Changed;

    /// <summary>The record with this id, or null.</summary>
    public Task<T?> GetAsync(string id, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return worker.ReadAsync<T?>(database => Records(database).FindById(id), cancellation);
    }

    /// <summary>All records, newest first.</summary>
    public Task<IReadOnlyList<T>> ListAsync(CancellationToken cancellation = default) => worker.ReadAsync<IReadOnlyList<T>>(
        database => [.. Records(database).FindAll().OrderByDescending(r => r.CreatedAt).ThenByDescending(r => r.Id, StringComparer.Ordinal)], cancellation);

    /// <summary>Adds the record, or replaces the one with its id.</summary>
    public async Task UpsertAsync(T record, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentException.ThrowIfNullOrEmpty(record.Id);
        await worker.WriteAsync(database => Records(database).Upsert(record), cancellation).ConfigureAwait(false);
        Announce(record.Id, ChangeKind.Upserted);
    }

    /// <summary>
    /// Replaces the record with this id by <paramref name="change"/> of it, with no other change in between. <paramref name="change"/> runs on the
    /// database thread: it only computes. If it throws, nothing changes and the caller gets its exception.
    /// </summary>
    /// <returns>The changed record, or null when there is none with this id.</returns>
    public async Task<T?> UpdateAsync(string id, Func<T, T> change, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        ArgumentNullException.ThrowIfNull(change);
        var changed = await worker.WriteAsync(database => Update(Records(database), id, change), cancellation).ConfigureAwait(false);
        if (changed is not null)
        {
            Announce(id, ChangeKind.Upserted);
        }

        return changed;
    }

    /// <summary>Deletes the record and what belongs to it in the database (a run's metrics and log).</summary>
    /// <returns>False when there was none with this id.</returns>
    public async Task<bool> DeleteAsync(string id, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        var deleted = await worker.WriteAsync(
            database =>
            {
                cascade?.Invoke(database, id);
                return Records(database).Delete(id);
            },
            cancellation).ConfigureAwait(false);
        if (deleted)
        {
            Announce(id, ChangeKind.Deleted);
        }

        return deleted;
    }

    private static T? Update(ILiteCollection<T> records, string id, Func<T, T> change)
    {
        if (records.FindById(id) is not { } current)
        {
            return null;
        }

        var changed = Call(change, current);
        records.Update(changed);
        return changed;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever the caller's function throws goes back to the caller.")]
    private static T Call(Func<T, T> change, T current)
    {
        try
        {
            var changed = change(current) ?? throw new InvalidOperationException($"The change of record {current.Id} returned null.");
            return changed.Id == current.Id
                ? changed
                : throw new InvalidOperationException($"A change must keep the record's id: found {changed.Id}, wanted {current.Id}.");
        }
        catch (Exception e)
        {
            throw new CallbackException(e);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The change is already made; a listener's failure is logged and concerns nobody else.")]
    private void Announce(string id, ChangeKind change)
    {
        foreach (var handler in Delegate.EnumerateInvocationList(Changed))
        {
            try
            {
                handler(new RecordChange(kind, id, change));
            }
            catch (Exception e)
            {
                log.LogError(e, "A listener failed on the change of {Record} {Id}.", kind, id);
            }
        }
    }

    private ILiteCollection<T> Records(ILiteDatabase database) => database.GetCollection<T>(collection);
}

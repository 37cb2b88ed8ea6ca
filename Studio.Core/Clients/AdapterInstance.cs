using Studio.Core.Adapters;

namespace Studio.Core.Clients;

/// <summary>
/// An adapter in memory that a run may train while chats use it. Chats hold it for reading during one decode pass, the run holds it for
/// writing during one optimizer update: nobody sees half an update, and there is one copy of the values. A hold begins and ends on one thread.
/// </summary>
public sealed class AdapterInstance(string id, IAdapter adapter) : IDisposable
{
    private static long _instances;

    private readonly ReaderWriterLockSlim _lock = new();
    private readonly string _own = FormattableString.Invariant($"#{Interlocked.Increment(ref _instances)}");
    private long _updates;
    private (string Name, long Version)? _stored;
    private AdapterInstance[]? _members;
    private string? _recipe;

    /// <summary>Id of the adapter.</summary>
    public string Id => id;

    /// <summary>The adapter; touch its values only inside a hold.</summary>
    public IAdapter Adapter => adapter;

    /// <summary>What must be held while it answers: itself.</summary>
    public IReadOnlyList<AdapterInstance> Held => _members ?? [this];

    /// <summary>Several instances that answer as one: their values stay theirs, and each of them is held. Disposing the blend frees none of them.</summary>
    /// <param name="id">Id of the blend.</param>
    /// <param name="blend">The adapter over those of the members.</param>
    /// <param name="members">The instances it blends.</param>
    /// <param name="recipe">How it blends them, the same text for the same way; null = in a way of its own.</param>
    public static AdapterInstance Blend(string id, IAdapter blend, IEnumerable<AdapterInstance> members, string? recipe = null) =>
        new(id, blend) { _members = [.. members.Distinct()], _recipe = recipe };

    /// <summary>An adapter as it was read from files. Runs on a lane.</summary>
    /// <param name="id">Id of the adapter.</param>
    /// <param name="adapter">The adapter, nothing changed since.</param>
    /// <param name="content">What names the content of the files.</param>
    public static AdapterInstance Stored(string id, IAdapter adapter, string content)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        return new(id, adapter) { _stored = (content, adapter.Parameters.Version) };
    }

    /// <summary>Optimizer updates so far.</summary>
    public long Updates => Volatile.Read(ref _updates);

    /// <summary>
    /// Names the values as they are: instances of one edition answer alike, and every change makes another one. Runs on a lane, within a hold of
    /// all that is <see cref="Held"/>.
    /// </summary>
    public string Edition()
    {
        if (_members is not null) return $"{_recipe ?? _own}({string.Join(", ", _members.Select(member => member.Edition()))})";
        long version = adapter.Parameters.Version + Updates;
        return _stored is { } stored && stored.Version == version ? stored.Name : FormattableString.Invariant($"{_own}:{version}");
    }

    /// <summary>Holds the values for reading; dispose the result on the same thread.</summary>
    public IDisposable Read()
    {
        _lock.EnterReadLock();
        return new Hold(_lock.ExitReadLock);
    }

    /// <summary>Holds the values for changing them; dispose the result on the same thread.</summary>
    public IDisposable Write()
    {
        _lock.EnterWriteLock();
        return new Hold(() =>
        {
            Interlocked.Increment(ref _updates);
            _lock.ExitWriteLock();
        });
    }

    /// <summary>Frees the adapter; nobody may hold it.</summary>
    public void Dispose()
    {
        adapter.Dispose();
        _lock.Dispose();
    }

    private sealed class Hold(Action release) : IDisposable
    {
        private Action? _release = release;

        public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
    }
}

using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Storage;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;
using Studio.Core.Text;

namespace Studio.Core.Serving;

/// <summary>
/// Adapters in memory, one instance each however many runs and chats use it: that is what lets a chat answer with an adapter in training.
/// An instance is freed when its last lease ends.
/// </summary>
public sealed class AdapterPool(DataDirectory directory, StudioDatabase database, ModelLibrary models, ComputeLanePool lanes, MemoryLedger ledger) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, Entry> _instances = new(StringComparer.Ordinal);

    /// <summary>Takes an adapter into use, loading it if nobody has; dispose the lease to give it back.</summary>
    /// <exception cref="NotFoundException">No such adapter.</exception>
    /// <exception cref="StudioException">It was made for other weights, or its files are unsound.</exception>
    public Task<AdapterLease> AcquireAsync(string id, CancellationToken ct = default) => AcquireAsync(id, parks: false, ct);

    /// <summary>The same for a run, which may keep the state of its adapter in files.</summary>
    /// <param name="id">The adapter.</param>
    /// <param name="parks">Whether values and moments lie in files; the first lease decides.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="NotFoundException">No such adapter.</exception>
    /// <exception cref="StudioException">It was made for other weights, its files are unsound, or there is no room for its state.</exception>
    public async Task<AdapterLease> AcquireAsync(string id, bool parks, CancellationToken ct = default)
    {
        await _gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            if (!_instances.TryGetValue(id, out var known)) known = await LoadAsync(id, parks, ct).ConfigureAwait(false);
            _instances[id] = known with { Leases = known.Leases + 1 };
            return new AdapterLease(known.Instance, known.BaseModelId, known.Chat, () => ReleaseAsync(id));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>How many runs and answers use an adapter at this moment.</summary>
    public async Task<int> LeasesOfAsync(string id, CancellationToken ct = default)
    {
        await _gate.WaitAsync(ct).ConfigureAwait(false);
        try
        {
            return _instances.GetValueOrDefault(id)?.Leases ?? 0;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Leases must have ended.</summary>
    public void Dispose() => _gate.Dispose();

    private async Task<Entry> LoadAsync(string id, bool parks, CancellationToken ct)
    {
        var record = await database.Adapters.GetAsync(id, ct).ConfigureAwait(false) ?? throw new NotFoundException("adapter", id);
        var model = models.Find(record.BaseModelId)
            ?? throw new StudioException($"The base model of the adapter '{record.Name}' is not loaded.");
        if (model.Base.Fingerprint != record.BaseFingerprint)
            throw new StudioException($"The adapter '{record.Name}' was made for the weights {record.BaseFingerprint}; '{model.Record.Name}' has {model.Base.Fingerprint}.");
        try
        {
            var chat = ChatFormat.OfAdapter(directory.AdapterPath(id));
            var encoder = chat?.Encoder(model.Encoder.Tokenizer);
            var instance = await lanes.RunAsync(LanePriority.Interactive, () => Load(id, model, parks), ct).ConfigureAwait(false);
            ledger.Set(id, MemoryCategory.Adapter, instance.Adapter.Parameters.ValueBytes);
            return new Entry(instance, record.BaseModelId, chat is null ? null : new AdapterChatFormat(chat, encoder!), 0);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or NotSupportedException or ArgumentException or Text.Jinja.JinjaException)
        {
            throw new StudioException($"The adapter '{record.Name}' could not be loaded: {error.Message}", inner: error);
        }
    }

    // The next answer may find another instance in memory: what was kept of this one's serves it too where its files are the same.
    private AdapterInstance Load(string id, LoadedModel model, bool parks)
    {
        string folder = directory.AdapterPath(id), content = PeftFormat.ContentOf(folder);
        return AdapterInstance.Stored(id, PeftFormat.Load(folder, model.Base.AdapterSite(parks ? directory.NewStateFile : null)), content);
    }

    private async ValueTask ReleaseAsync(string id)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            var entry = _instances[id];
            if (entry.Leases > 1)
            {
                _instances[id] = entry with { Leases = entry.Leases - 1 };
                return;
            }
            _instances.Remove(id);
            ledger.Release(id);
            await lanes.RunAsync(LanePriority.Interactive, entry.Instance.Dispose).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private sealed record Entry(AdapterInstance Instance, string BaseModelId, AdapterChatFormat? Chat, int Leases);
}

/// <summary>How an adapter is spoken to.</summary>
/// <param name="Format">Templates, special tokens and ends, as they were when it was made.</param>
/// <param name="Encoder">They over its base model's tokenizer.</param>
public sealed record AdapterChatFormat(ChatFormat Format, ChatEncoder Encoder);

/// <summary>The right to use an adapter in memory, until disposed.</summary>
public sealed class AdapterLease(AdapterInstance instance, string baseModelId, AdapterChatFormat? chat, Func<ValueTask> release) : IAsyncDisposable
{
    private Func<ValueTask>? _release = release;

    /// <summary>The adapter.</summary>
    public AdapterInstance Instance => instance;

    /// <summary>The base model it was made for.</summary>
    public string BaseModelId => baseModelId;

    /// <summary>How it is spoken to; null where its folder does not say: as its base model is.</summary>
    public AdapterChatFormat? Chat => chat;

    /// <summary>Gives it back.</summary>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _release, null)?.Invoke() ?? ValueTask.CompletedTask;
}

using System.Collections.Concurrent;

namespace Studio.Core.Clients;

/// <summary>What kind of client it is.</summary>
public enum ClientKind
{
    /// <summary>A fine-tune run.</summary>
    Run,

    /// <summary>Chat sessions of one base model.</summary>
    Chat,
}

/// <summary>A client and what it holds, in bytes.</summary>
/// <param name="Id">Its id: of the run, or of the base model for chats.</param>
/// <param name="Kind">Kind.</param>
/// <param name="Name">Name for people.</param>
/// <param name="BaseModelId">The base it uses.</param>
/// <param name="AdapterBytes">Adapter values.</param>
/// <param name="MomentBytes">Optimizer moments.</param>
/// <param name="GradientBytes">Gradients of the step in flight.</param>
/// <param name="CacheBytes">KV caches.</param>
public sealed record ClientState(string Id, ClientKind Kind, string Name, string BaseModelId, long AdapterBytes, long MomentBytes, long GradientBytes, long CacheBytes)
{
    /// <summary>All of it.</summary>
    public long TotalBytes => AdapterBytes + MomentBytes + GradientBytes + CacheBytes;

    /// <summary>Id of the chats on a base model, here and in the memory ledger, where they may own what is kept for later answers while nobody chats.</summary>
    public static string ChatsOn(string modelId) => "chat-" + modelId;
}

/// <summary>Who is attached and what each holds. Clients report; pages and the memory ledger read.</summary>
public sealed class ClientRegistry
{
    private readonly ConcurrentDictionary<string, ClientState> _clients = new(StringComparer.Ordinal);

    /// <summary>Raised after every change, on the reporting thread; handlers must be quick.</summary>
    public event Action? Changed;

    /// <summary>All attached clients by name.</summary>
    public IReadOnlyList<ClientState> Clients => [.. _clients.Values.OrderBy(client => client.Name, StringComparer.Ordinal)];

    /// <summary>Clients that use a base model.</summary>
    public IReadOnlyList<ClientState> UsersOf(string baseModelId) => [.. Clients.Where(client => client.BaseModelId == baseModelId)];

    /// <summary>Adds a client or replaces what is known of it.</summary>
    public void Report(ClientState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _clients[state.Id] = state;
        Changed?.Invoke();
    }

    /// <summary>Removes a client that has detached.</summary>
    public void Remove(string id)
    {
        if (_clients.TryRemove(id, out _)) Changed?.Invoke();
    }
}

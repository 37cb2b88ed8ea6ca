using Studio.Core.Clients;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Telemetry;

namespace Studio.Web.Monitoring;

/// <summary>What one owner holds.</summary>
/// <param name="Owner">Id in the ledger.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Path">Address of its page; null where it has none.</param>
/// <param name="Parts">Bytes by category, none of them zero.</param>
public sealed record MemoryOwner(string Owner, string Name, string Kind, string? Path, IReadOnlyList<MemoryEntry> Parts)
{
    /// <summary>All its bytes.</summary>
    public long Total => Parts.Sum(part => part.Bytes);
}

/// <summary>Gives the owners of the ledger their names.</summary>
/// <param name="models">Base models.</param>
/// <param name="runs">Fine-tunes.</param>
/// <param name="clients">Attached clients.</param>
/// <param name="adapterNames">Names of adapters by id.</param>
public sealed class MemoryOwners(IModelService models, IRunService runs, ClientRegistry clients, IReadOnlyDictionary<string, string> adapterNames)
{
    /// <summary>Kind of the owners that are base models.</summary>
    public const string BaseModel = "Base model";

    /// <summary>The owners, the largest first.</summary>
    public IReadOnlyList<MemoryOwner> Of(MemorySnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return
        [
            .. snapshot.Entries.GroupBy(entry => entry.Owner, StringComparer.Ordinal)
                .Select(group => Describe(group.Key, [.. group]))
                .OrderByDescending(owner => owner.Total).ThenBy(owner => owner.Name, StringComparer.Ordinal),
        ];
    }

    private MemoryOwner Describe(string owner, IReadOnlyList<MemoryEntry> parts)
    {
        if (models.Loaded.FirstOrDefault(model => model.Record.Id == owner) is { } model)
            return new(owner, model.Record.Name, BaseModel, null, parts);
        if (runs.Find(owner) is { } run)
            return new(owner, run.Record.Name, "Fine-tune", $"/runs/{owner}", parts);
        if (adapterNames.TryGetValue(owner, out var adapter))
            return new(owner, adapter, "Adapter", $"/adapters/{owner}", parts);
        if (models.Loaded.FirstOrDefault(model => ClientState.ChatsOn(model.Record.Id) == owner) is { } chatted)
            return new(owner, $"Chats on {chatted.Record.Name}", "Chats", null, parts);
        return clients.Clients.FirstOrDefault(client => client.Id == owner) is { } client
            ? new(owner, client.Name, client.Kind == ClientKind.Chat ? "Chats" : "Fine-tune", null, parts)
            : new(owner, owner, "Other", null, parts);
    }
}

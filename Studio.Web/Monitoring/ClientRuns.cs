using Studio.Core.Clients;

namespace Studio.Web.Monitoring;

/// <summary>Finds the run behind a client, which an executor knows by its name only.</summary>
public static class ClientRuns
{
    /// <summary>Id of the run; null for chats and for a run that has just left.</summary>
    public static string? Find(ClientRegistry clients, string modelId, string name, bool interactive)
    {
        ArgumentNullException.ThrowIfNull(clients);
        return interactive ? null : clients.UsersOf(modelId).FirstOrDefault(client => client.Kind == ClientKind.Run && client.Name == name)?.Id;
    }
}

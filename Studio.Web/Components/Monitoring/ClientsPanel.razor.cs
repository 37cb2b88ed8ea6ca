using Microsoft.AspNetCore.Components;
using Studio.Core.Clients;
using Studio.Core.Serving;
using Studio.Web.Formatting;

namespace Studio.Web.Components.Monitoring;

/// <summary>Who uses a base model now, and what each holds of its own.</summary>
public sealed partial class ClientsPanel
{
    private IReadOnlyList<ClientState> _clients = [];

    [Inject] public required StudioTelemetry Telemetry { get; init; }

    [Inject] public required IModelService Models { get; init; }

    // Chats report every token's cache; once a second is enough to look at.
    protected override TimeSpan Interval => TimeSpan.FromSeconds(1);

    protected override void Read() => _clients = Telemetry.Clients.Clients;

    private static string Bytes(long bytes) => bytes > 0 ? BytesText.Format(bytes) : NumberText.None;

    private string ModelName(string id) => Models.Loaded.FirstOrDefault(model => model.Record.Id == id)?.Record.Name ?? id;
}

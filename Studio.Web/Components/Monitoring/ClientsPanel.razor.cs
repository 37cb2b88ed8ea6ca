using Microsoft.AspNetCore.Components;
using Studio.Core.Clients;
using Studio.Core.Serving;
using Studio.Web.Formatting;
using Studio.Web.Live;

namespace Studio.Web.Components.Monitoring;

/// <summary>Who uses a base model now, and what each holds of its own.</summary>
public sealed partial class ClientsPanel
{
    // Chats report every token's cache; once a second is enough to look at.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private IReadOnlyList<ClientState> _clients = [];

    [Inject] public required StudioTelemetry Telemetry { get; init; }

    [Inject] public required IModelService Models { get; init; }

    [Inject] public required TimeProvider Clock { get; init; }

    protected override void OnInitialized()
    {
        Watch(LiveSources.Every(Clock, Interval));
        _clients = Telemetry.Clients.Clients;
    }

    protected override Task OnSignalAsync()
    {
        _clients = Telemetry.Clients.Clients;
        return Task.CompletedTask;
    }

    private static string Bytes(long bytes) => bytes > 0 ? BytesText.Format(bytes) : NumberText.None;

    private string ModelName(string id) => Models.Loaded.FirstOrDefault(model => model.Record.Id == id)?.Record.Name ?? id;
}

using System.Globalization;
using Microsoft.AspNetCore.Components;
using Studio.Core.Execution;
using Studio.Core.Serving;
using Studio.Web.Formatting;
using Studio.Web.Monitoring;
using Studio.Web.Theme;

namespace Studio.Web.Components.Monitoring;

/// <summary>The clients of one base model: how much each asks of it, and how much of its time it waits.</summary>
public sealed partial class ExecutorClients
{
    /// <summary>The clients.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<ClientRate> Clients { get; set; }

    /// <summary>The base model.</summary>
    [Parameter, EditorRequired] public required string ModelId { get; set; }

    [Inject] public required StudioTelemetry Telemetry { get; init; }

    [Inject] public required SeriesColors Colors { get; init; }

    private static string Width(double share) => string.Create(CultureInfo.InvariantCulture, $"width: {100 * share:0.##}%");

    private static string WaitText(ClientRate rate) => $"Held off by chats {NumberText.Percent(rate.HeldOff)} of the time, waiting for batch-mates {NumberText.Percent(rate.Mates)}";

    private string? RunIdOf(ClientCounters client) => ClientRuns.Find(Telemetry.Clients, ModelId, client.Name, client.Interactive);
}

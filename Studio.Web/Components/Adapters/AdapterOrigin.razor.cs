using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Core.Storage;

namespace Studio.Web.Components.Adapters;

/// <summary>Which run trains or trained an adapter, and how that run stands.</summary>
public sealed partial class AdapterOrigin
{
    /// <summary>The adapter.</summary>
    [Parameter, EditorRequired] public required AdapterRecord Adapter { get; set; }

    /// <summary>Whether the run's name leads to it. Default: yes.</summary>
    [Parameter] public bool WithLink { get; set; } = true;

    [Inject] public required IRunService Runs { get; init; }
}

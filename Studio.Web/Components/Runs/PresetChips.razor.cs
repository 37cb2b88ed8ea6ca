using Microsoft.AspNetCore.Components;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Runs;

/// <summary>Settings to start from, in plain words.</summary>
public sealed partial class PresetChips
{
    /// <summary>The preset that the form holds; null when its settings were changed.</summary>
    [Parameter] public RunPreset? Chosen { get; set; }

    /// <summary>Raised with the preset to take over.</summary>
    [Parameter] public EventCallback<RunPreset> OnChoose { get; set; }
}

using Microsoft.AspNetCore.Components;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Runs;

/// <summary>Settings of a run by group.</summary>
public sealed partial class SettingsList
{
    /// <summary>The settings.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<RunSetting> Settings { get; set; }
}

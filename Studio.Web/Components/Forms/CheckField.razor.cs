using Microsoft.AspNetCore.Components;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Forms;

/// <summary>A setting that is on or off.</summary>
public sealed partial class CheckField
{
    /// <summary>The field.</summary>
    [Parameter, EditorRequired] public required FormField Field { get; set; }

    /// <summary>Whether it is on.</summary>
    [Parameter] public bool Value { get; set; }

    /// <summary>Raised at each change.</summary>
    [Parameter] public EventCallback<bool> ValueChanged { get; set; }

    /// <summary>What is wrong with the choice. Default: nothing.</summary>
    [Parameter] public string? Finding { get; set; }
}

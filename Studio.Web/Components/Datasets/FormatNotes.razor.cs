using Microsoft.AspNetCore.Components;

namespace Studio.Web.Components.Datasets;

/// <summary>The accepted formats, each with a line as an example.</summary>
public sealed partial class FormatNotes
{
    /// <summary>Whether it is unfolded at first. Default: false.</summary>
    [Parameter] public bool Open { get; set; }
}

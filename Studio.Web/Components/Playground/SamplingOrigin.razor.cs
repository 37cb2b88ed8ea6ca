using Microsoft.AspNetCore.Components;
using Studio.Core.Generation;
using Studio.Web.Playground;

namespace Studio.Web.Components.Playground;

/// <summary>Says which settings begin with the model's own values.</summary>
public sealed partial class SamplingOrigin
{
    /// <summary>What the model says.</summary>
    [Parameter, EditorRequired] public required GenerationDefaults Defaults { get; set; }

    /// <summary>The settings as they are.</summary>
    [Parameter, EditorRequired] public required SamplingForm Form { get; set; }

    private IReadOnlyList<SamplingSource> Origins => SamplingOrigins.Of(Defaults, Form);
}

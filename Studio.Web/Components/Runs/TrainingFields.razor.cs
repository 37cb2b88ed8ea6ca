using Microsoft.AspNetCore.Components;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Runs;

/// <summary>The training's part of the start form; what is rarely changed is folded away until something in it is wrong.</summary>
public sealed partial class TrainingFields
{
    private static readonly FormField[] Folded =
        [RunFields.WarmupRatio, RunFields.Accumulation, RunFields.WeightDecay, RunFields.Clip, RunFields.EvalEvery, RunFields.Share, RunFields.Seed];

    /// <summary>The form.</summary>
    [Parameter, EditorRequired] public required RunForm Form { get; set; }

    /// <summary>What is wrong with it.</summary>
    [Parameter, EditorRequired] public required RunInspection Inspection { get; set; }

    /// <summary>Raised after each change.</summary>
    [Parameter] public EventCallback OnChanged { get; set; }

    private bool HasFindingInside => Folded.Any(folded => Inspection.At(folded) is not null);

    private Task Set(Action change)
    {
        change();
        return OnChanged.InvokeAsync();
    }
}

using Microsoft.AspNetCore.Components;
using Studio.Core.Runs;
using Studio.Web.FineTunes;
using Studio.Web.Formatting;

namespace Studio.Web.Components.Runs;

/// <summary>What a start would hold and take, kept current while the form changes.</summary>
public sealed partial class RunForecastPanel
{
    /// <summary>The form.</summary>
    [Parameter, EditorRequired] public required RunForm Form { get; set; }

    /// <summary>What is known of it.</summary>
    [Parameter, EditorRequired] public required RunInspection Inspection { get; set; }

    /// <summary>Parameters of the chosen base model. Default: 0, unknown.</summary>
    [Parameter] public long BaseParameters { get; set; }

    /// <summary>Name of a dataset.</summary>
    [Parameter, EditorRequired] public required Func<string, string> NameOf { get; set; }

    // What the form itself knows shows at once; what the engine says follows its inspection.
    private AdapterOutlook? Outlook => Inspection.Adapter is { } known && known.Method == Form.Method
        ? known with { Advice = known.Advice with { Scale = Form.Scale, LearningRate = Form.LearningRate } }
        : Inspection.Adapter;

    /// <summary>Raised after the form was changed from here.</summary>
    [Parameter] public EventCallback OnChanged { get; set; }

    // With several datasets: what all of them can live with.
    private FitsChanged? Change => Inspection.Forecasts.Select(forecast => forecast.Forecast.Verdict).OfType<FitsChanged>()
        .OrderBy(change => change.Batch).ThenByDescending(change => change.Checkpointing).FirstOrDefault();

    private static string TextOf(FitsChanged change)
    {
        string batch = $"batch size {NumberText.Count(change.Batch)}";
        return !change.Checkpointing ? $"Use {batch}" : change.Batch == change.BatchFrom ? "Switch on checkpointing" : $"Switch on checkpointing, use {batch}";
    }

    /// <summary>The start button.</summary>
    [Parameter] public RenderFragment? ChildContent { get; set; }

    private Task UseAsync(FitsChanged change)
    {
        (Form.BatchSize, Form.Accumulation) = (change.Batch, change.Accumulation);
        Form.Checkpointing |= change.Checkpointing;
        return OnChanged.InvokeAsync();
    }
}

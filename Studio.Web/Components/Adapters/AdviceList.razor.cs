using System.Globalization;
using Microsoft.AspNetCore.Components;
using Studio.Web.FineTunes;
using Studio.Web.Formatting;

namespace Studio.Web.Components.Adapters;

/// <summary>What an adapter's settings come to: scale, sizes, and which learning rates suit the method, with a warning where a choice is far from them or learns nothing.</summary>
public sealed partial class AdviceList
{
    /// <summary>What is known of the settings; null while nothing is.</summary>
    [Parameter, EditorRequired] public required AdapterOutlook? Outlook { get; set; }

    /// <summary>Parameters of the base model; 0 = unknown.</summary>
    [Parameter] public long BaseParameters { get; set; }

    /// <summary>How the test ids of the figures begin.</summary>
    [Parameter, EditorRequired] public required string Prefix { get; set; }

    /// <summary>Further rows. Default: none.</summary>
    [Parameter] public RenderFragment? ChildContent { get; set; }

    private string ShareText => Outlook?.Advice.TrainableParameters is { } count ? ((double)count / BaseParameters).ToString("P2", CultureInfo.CurrentCulture) : NumberText.None;

    private string RangeText => $"{NumberInput.Format(Outlook!.Advice.Suggested.Lowest)} to {NumberInput.Format(Outlook.Advice.Suggested.Highest)}";

    private static string Bytes(long? bytes) => bytes is { } known ? BytesText.Format(known) : NumberText.None;
}

using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace Studio.Web.Components.Playground;

/// <summary>
/// One strength of a blend: a slider with its number, which may be typed and may lie beyond the slider; or a box for what is there or not. The
/// number follows the slider while it moves; the change counts when it is let go.
/// </summary>
public sealed partial class BlendSlider
{
    private double? _moving;
    private string? _unreadable;

    /// <summary>What it is the strength of.</summary>
    [Parameter, EditorRequired] public required string Label { get; set; }

    /// <summary>Id of the slider or box.</summary>
    [Parameter, EditorRequired] public required string TestId { get; set; }

    /// <summary>The strength.</summary>
    [Parameter, EditorRequired] public required double Value { get; set; }

    /// <summary>Raised with the strength that is wanted.</summary>
    [Parameter] public EventCallback<double> ValueChanged { get; set; }

    /// <summary>Whether it is there or not, with nothing between. Default: no.</summary>
    [Parameter] public bool IsSwitch { get; set; }

    /// <summary>Whether less than 0 is possible. Default: no.</summary>
    [Parameter] public bool MayBeNegative { get; set; }

    /// <summary>Whether it can be changed now. Default: it can.</summary>
    [Parameter] public bool Disabled { get; set; }

    /// <summary>Beside the label.</summary>
    [Parameter] public RenderFragment? Mark { get; set; }

    /// <summary>After the number.</summary>
    [Parameter] public RenderFragment? ChildContent { get; set; }

    private double Shown => _moving ?? Value;

    private string Expected => MayBeNegative ? "A number: 0 = not at all, 1 = as it was trained" : "A number of at least 0: 1 = as it is";

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    // A range input speaks invariant numbers whatever the page's culture; people also write a comma.
    private static double? Read(ChangeEventArgs change) =>
        double.TryParse(((string?)change.Value)?.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? Math.Round(number, 2) : null;

    private Task TypeAsync(ChangeEventArgs change)
    {
        if (Read(change) is { } number && (number >= 0 || MayBeNegative))
            return SetAsync(number);
        _unreadable = (string?)change.Value ?? "";
        return Task.CompletedTask;
    }

    private Task SetAsync(double value)
    {
        (_moving, _unreadable) = (null, null);
        return ValueChanged.InvokeAsync(value);
    }
}

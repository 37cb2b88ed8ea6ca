using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace Studio.Web.Components.Shared;

/// <summary>A curve the size of a word: shape without axes. Points that are not finite leave no mark.</summary>
public sealed partial class Sparkline
{
    private const double Inset = 1.5;

    /// <summary>Values, oldest first, evenly spaced.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<double> Points { get; set; }

    /// <summary>What a screen reader says.</summary>
    [Parameter, EditorRequired] public required string Label { get; set; }

    /// <summary>Css color of the line. Default: the accent.</summary>
    [Parameter] public string? Color { get; set; }

    /// <summary>Width in pixels. Default: 96.</summary>
    [Parameter] public int Width { get; set; } = 96;

    /// <summary>Height in pixels. Default: 24.</summary>
    [Parameter] public int Height { get; set; } = 24;

    private string ViewBox => string.Create(CultureInfo.InvariantCulture, $"0 0 {Width} {Height}");

    private string Path { get; set; } = "";

    protected override void OnParametersSet()
    {
        double[] finite = [.. Points.Where(double.IsFinite)];
        if (finite.Length < 2)
        {
            Path = "";
            return;
        }
        var (low, high) = (finite.Min(), finite.Max());
        var range = high > low ? high - low : 1;
        var xStep = (Width - 2 * Inset) / (finite.Length - 1);
        var yScale = (Height - 2 * Inset) / range;
        // A constant series lies in the middle.
        var top = high > low ? Inset : Height / 2d;
        Path = string.Join(' ', finite.Select((value, index) =>
            string.Create(CultureInfo.InvariantCulture, $"{Inset + index * xStep:0.##},{top + (high - value) * yScale:0.##}")));
    }
}

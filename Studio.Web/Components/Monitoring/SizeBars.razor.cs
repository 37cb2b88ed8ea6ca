using System.Globalization;
using Microsoft.AspNetCore.Components;
using Studio.Core.Execution;
using Studio.Web.Formatting;

namespace Studio.Web.Components.Monitoring;

/// <summary>A small bar chart of how often something had which size; sizes double from bar to bar.</summary>
public sealed partial class SizeBars
{
    /// <summary>What is counted.</summary>
    [Parameter, EditorRequired] public required string Title { get; set; }

    /// <summary>Name of the sizes in the singular, such as row.</summary>
    [Parameter, EditorRequired] public required string Unit { get; set; }

    /// <summary>How often which size was seen.</summary>
    [Parameter, EditorRequired] public required SizeHistogram Sizes { get; set; }

    /// <summary>A remark behind the title. Default: none.</summary>
    [Parameter] public string? Note { get; set; }

    /// <summary>Names the chart for tests.</summary>
    [Parameter] public string? TestId { get; set; }

    private string Label => Sizes.Total == 0
        ? $"{Title}: no products"
        : $"{Title}: " + string.Join(", ", Enumerable.Range(0, Sizes.Counts.Count).Where(bucket => Sizes.Counts[bucket] > 0).Select(TipOf));

    private double ShareOf(int bucket) => Sizes.Total > 0 ? (double)Sizes.Counts[bucket] / Sizes.Total : 0;

    private string TipOf(int bucket)
    {
        var (from, to) = (SizeHistogram.From(bucket), SizeHistogram.To(bucket));
        return $"{(from == to ? NumberText.Count(to) : $"{NumberText.Count(from)} to {NumberText.Count(to)}")} {Unit}{(to > 1 ? "s" : "")}: {NumberText.Percent(ShareOf(bucket))}";
    }

    private string HeightOf(int bucket)
    {
        var largest = Sizes.Counts.Max();
        // What is rare still shows.
        var height = Sizes.Counts[bucket] == 0 ? 0 : Math.Max(3, 100d * Sizes.Counts[bucket] / largest);
        return string.Create(CultureInfo.InvariantCulture, $"height: {height:0.#}%");
    }

    private static string LabelOf(int bucket) => SizeHistogram.To(bucket) is var to && to >= 1024 ? $"{to / 1024}k" : to.ToString(CultureInfo.InvariantCulture);
}

using Microsoft.AspNetCore.Components;
using Studio.Web.Theme;

namespace Studio.Web.Components.Runs;

/// <summary>A run that has not ended, on the home page.</summary>
public sealed partial class RunCard
{
    [Inject] public required SeriesColors Colors { get; init; }
}

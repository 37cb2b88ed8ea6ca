namespace Studio.Web.Components.Shared;

/// <summary>Where the Plotly.Blazor package keeps its scripts, spelled as the package itself asks for them.</summary>
public static class PlotlyAssets
{
    /// <summary>The module through which the package calls Plotly.</summary>
    public const string Interop = "./_content/Plotly.Blazor/plotly-interop-7.2.0.js";

    /// <summary>Plotly's basic bundle.</summary>
    public const string Script = "./_content/Plotly.Blazor/plotly-basic-3.7.0.min.js";
}

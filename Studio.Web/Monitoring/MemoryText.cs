using Studio.Core.Telemetry;
using Studio.Web.Theme;

namespace Studio.Web.Monitoring;

/// <summary>Categories of memory for people.</summary>
public static class MemoryText
{
    /// <summary>Name of a category.</summary>
    public static string NameOf(MemoryCategory category) => category switch
    {
        MemoryCategory.Base => "Base models",
        MemoryCategory.Adapter => "Adapter values and gradients",
        MemoryCategory.Moments => "Optimizer moments",
        MemoryCategory.Activations => "Steps in flight",
        MemoryCategory.KvCache => "KV caches",
        MemoryCategory.Buffers => "Buffers",
        _ => "Other",
    };

    /// <summary>Css color of a category, the same in every bar.</summary>
    public static string ColorOf(MemoryCategory category) => new SeriesStyle((int)category).CssColor;
}

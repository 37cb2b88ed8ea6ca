using Studio.Core.Serving;
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

    /// <summary>Color of a category, the same in every bar and chart.</summary>
    public static SeriesStyle StyleOf(MemoryCategory category) => new((int)category);

    /// <summary>The same for css.</summary>
    public static string ColorOf(MemoryCategory category) => StyleOf(category).CssColor;

    /// <summary>Resident bytes that no owner accounts for: runtime, libraries, caches. Zero where owners hold more than is resident, because mapped weights come in when they are first read.</summary>
    public static long RestOf(MemoryView memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return Math.Max(0, memory.Process.ResidentBytes - memory.Owners.Total);
    }
}

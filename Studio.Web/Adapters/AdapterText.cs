using System.Text.Json;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Storage;

namespace Studio.Web.Adapters;

/// <summary>Puts a stored adapter into words.</summary>
public static class AdapterText
{
    /// <summary>Its settings; null when they are of a method that this version does not know.</summary>
    public static AdapterSpec? SpecOf(AdapterRecord adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        try
        {
            return AdapterSpecJson.Read(adapter.Spec);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Method and size of the update, for example "LoRA, rank 8".</summary>
    public static string SummaryOf(AdapterRecord adapter) => SpecOf(adapter) switch
    {
        null => adapter.Method,
        LoraSpec lora => $"{TitleOf(lora)}, rank {lora.Rank}",
        var other => TitleOf(other),
    };

    /// <summary>Name of a method.</summary>
    public static string TitleOf(AdapterSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return AdapterMethods.Named(spec.Method).Title;
    }

    /// <summary>Whether it can be used on a loaded base model: made for it, and for exactly these weights.</summary>
    public static bool Fits(AdapterRecord adapter, ModelRecord model)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentNullException.ThrowIfNull(model);
        return adapter.BaseModelId == model.Id && adapter.BaseFingerprint == model.Fingerprint;
    }

    /// <summary>Shape of a tensor, for example "8 × 256".</summary>
    public static string ShapeOf(IReadOnlyList<long> shape) => string.Join(" × ", shape);

    /// <summary>The tags in a text: parted by commas, without blanks and repetitions.</summary>
    public static IReadOnlyList<string> TagsOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct(StringComparer.OrdinalIgnoreCase)];
    }
}

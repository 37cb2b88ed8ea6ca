using System.Text.Json;
using Studio.Core.Adapters;
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
    public static string SummaryOf(AdapterRecord adapter) => SpecOf(adapter) is { } spec ? SummaryOf(spec, AdapterMethods.Named(spec.Method)) : adapter.Method;

    /// <summary>Method and size of settings: the first whole number that the method asks everybody for.</summary>
    public static string SummaryOf(AdapterSpec spec, AdapterMethod method)
    {
        ArgumentNullException.ThrowIfNull(method);
        var size = method.Settings.Select(setting => setting.Field).FirstOrDefault(field => field is { Kind: SettingKind.Whole, Advanced: false });
        return size?.Get(spec) is { } value ? $"{method.Title}, {LowerFirst(size.Label)} {value}" : method.Title;
    }

    /// <summary>Name of a method.</summary>
    public static string TitleOf(AdapterSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return AdapterMethods.Named(spec.Method).Title;
    }

    // A name such as "LoKr rank" keeps its capitals.
    private static string LowerFirst(string label) => label.Length > 1 && char.IsLower(label[1]) ? char.ToLowerInvariant(label[0]) + label[1..] : label;

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

using System.Globalization;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Serving;
using Studio.Core.Storage;

namespace Studio.Web.Playground;

/// <summary>
/// A blend as the choice of a pane. Its text stands where an adapter's id would: <c>blend(1;ID:0.5;ID2:1.2)</c>, the share of the base first.
/// </summary>
/// <param name="BaseShare">Factor on the base's own output.</param>
/// <param name="Parts">Adapters and weights.</param>
public sealed record BlendChoice(double BaseShare, IReadOnlyList<ChatBlendPart> Parts)
{
    /// <summary>Largest weight of a slider.</summary>
    public const double MostWeight = 1.5;

    private const string Start = "blend(";

    /// <summary>Whether a choice is a blend, readable or not.</summary>
    public static bool Is(string? choice) => choice?.StartsWith(Start, StringComparison.Ordinal) == true;

    /// <summary>Whether adapters of a method are only there or not.</summary>
    public static bool IsSwitched(string method) => PromptOf(method) is not null;

    /// <summary>Whether adapters of a method put tokens of their own before the text, which one adapter of a blend can do.</summary>
    public static bool AddsTokens(string method) => PromptOf(method) is { IsTokens: true };

    /// <summary>A first blend of the given adapters, newest first: half of each of the two newest that can be blended.</summary>
    public static BlendChoice Of(IReadOnlyList<AdapterRecord> adapters)
    {
        ArgumentNullException.ThrowIfNull(adapters);
        var second = adapters.Skip(1).FirstOrDefault(adapter => !(AddsTokens(adapters[0].Method) && AddsTokens(adapter.Method)));
        return new BlendChoice(1, [.. adapters.Take(1).Concat(second is null ? [] : [second]).Select(adapter => new ChatBlendPart(adapter.Id, IsSwitched(adapter.Method) ? 1 : 0.5))]);
    }

    /// <summary>Ids of the adapters that a choice means: none for the base, one, or those of a blend.</summary>
    public static IEnumerable<string> AdaptersOf(string? choice) =>
        choice is null ? [] : Is(choice) ? Parse(choice)?.Parts.Select(part => part.AdapterId) ?? [] : [choice];

    /// <summary>Reads a choice; null when it is no blend or cannot be read.</summary>
    public static BlendChoice? Parse(string? choice)
    {
        if (!Is(choice) || !choice!.EndsWith(')'))
            return null;
        var items = choice[Start.Length..^1].Split(';');
        if (Number(items[0]) is not { } share)
            return null;
        var parts = new List<ChatBlendPart>();
        foreach (var item in items.Skip(1))
        {
            var at = item.LastIndexOf(':');
            if (at < 1 || Number(item[(at + 1)..]) is not { } weight)
                return null;
            parts.Add(new ChatBlendPart(item[..at], weight));
        }
        var blend = new BlendChoice(share, parts);
        // Without adapters it is one that is being put together; anything else must be what the engine takes.
        return parts.Count == 0 && share >= 0 || blend.ToChat().Problems().Count == 0 ? blend : null;
    }

    /// <summary>The text of the choice.</summary>
    public string ToText() => string.Create(CultureInfo.InvariantCulture,
        $"{Start}{BaseShare:0.##}{string.Concat(Parts.Select(part => string.Create(CultureInfo.InvariantCulture, $";{part.AdapterId}:{part.Weight:0.##}")))})");

    /// <summary>What the engine is asked for.</summary>
    public ChatBlend ToChat() => new(Parts, BaseShare);

    /// <summary>The same blend with another weight of one adapter.</summary>
    public BlendChoice With(string adapterId, double weight) => this with { Parts = [.. Parts.Select(part => part.AdapterId == adapterId ? part with { Weight = weight } : part)] };

    /// <summary>The same blend with one adapter more.</summary>
    public BlendChoice Plus(string adapterId) => this with { Parts = [.. Parts, new ChatBlendPart(adapterId)] };

    /// <summary>The same blend without an adapter.</summary>
    public BlendChoice Without(string adapterId) => this with { Parts = [.. Parts.Where(part => part.AdapterId != adapterId)] };

    private static PromptSpec? PromptOf(string method) => AdapterMethods.All.FirstOrDefault(known => known.Name == method)?.Defaults as PromptSpec;

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}

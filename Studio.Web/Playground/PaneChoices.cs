using System.Globalization;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Web.Adapters;

namespace Studio.Web.Playground;

/// <summary>Who can answer on one base model.</summary>
public sealed class PaneChoices
{
    private readonly IReadOnlyList<AdapterRecord> _all;

    /// <summary>The choices of a model among all adapters.</summary>
    public PaneChoices(ModelRecord? model, IReadOnlyList<AdapterRecord> adapters)
    {
        ArgumentNullException.ThrowIfNull(adapters);
        (Model, _all) = (model, adapters);
        Adapters = model is null ? [] : [.. adapters.Where(adapter => AdapterText.Fits(adapter, model))];
    }

    /// <summary>The base model; null when it is not loaded.</summary>
    public ModelRecord? Model { get; }

    /// <summary>Adapters that were made for its weights, newest first.</summary>
    public IReadOnlyList<AdapterRecord> Adapters { get; }

    /// <summary>The adapter of a pane, or null.</summary>
    public AdapterRecord? Find(string? adapterId) => Adapters.FirstOrDefault(adapter => adapter.Id == adapterId);

    /// <summary>Why a pane cannot answer; null when it can.</summary>
    public string? ProblemOf(string? adapterId)
    {
        if (Model is null)
            return "The base model is not loaded.";
        if (BlendChoice.Is(adapterId))
            return ProblemOfBlend(BlendChoice.Parse(adapterId));
        if (adapterId is null || Find(adapterId) is not null)
            return null;
        if (_all.FirstOrDefault(adapter => adapter.Id == adapterId) is not { } other)
            return $"There is no adapter '{adapterId}'. It may have been deleted; choose another one.";
        return other.BaseModelId == Model.Id
            ? $"'{other.Name}' was made for the weights {other.BaseFingerprint}; {Model.Name} has {Model.Fingerprint}."
            : $"'{other.Name}' was made for another base model, not for {Model.Name}.";
    }

    private string? ProblemOfBlend(BlendChoice? blend)
    {
        if (blend is null)
            return "This blend cannot be read. Choose who answers.";
        if (blend.Parts.Count == 0)
            return "Add an adapter to the blend.";
        if (blend.Parts.Select(part => ProblemOf(part.AdapterId)).FirstOrDefault(problem => problem is not null) is { } problem)
            return problem;
        var parts = blend.Parts.Select(part => (Adapter: Find(part.AdapterId)!, part.Weight)).ToList();
        if (parts.FirstOrDefault(part => part.Weight is not (0 or 1) && BlendChoice.IsSwitched(part.Adapter.Method)) is { Adapter: { } between, Weight: var weight })
            return string.Create(CultureInfo.InvariantCulture, $"The weight of '{between.Name}' is {weight:0.##}, and what it puts before the text is there or not: it can be 0 or 1. Switch it off or on.");
        return parts.Where(part => part.Weight != 0 && BlendChoice.AddsTokens(part.Adapter.Method)).Select(part => part.Adapter.Name).ToList() is [var first, var second, ..]
            ? $"'{first}' and '{second}' both put tokens before the text; a blend can hold one such adapter. Switch the others off."
            : null;
    }

    /// <summary>The model of an address: the one it names, else the one its first adapter was made for, else the first that is loaded.</summary>
    public static ModelRecord? ModelOf(PlaygroundAddress address, IReadOnlyList<LoadedModelInfo> loaded, IReadOnlyList<AdapterRecord> adapters)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(loaded);
        if (address.ModelId is { } named)
            return loaded.FirstOrDefault(model => model.Record.Id == named)?.Record;
        var wanted = address.Panes.SelectMany(BlendChoice.AdaptersOf).Select(pane => adapters.FirstOrDefault(adapter => adapter.Id == pane)?.BaseModelId).FirstOrDefault(id => id is not null);
        return loaded.FirstOrDefault(model => model.Record.Id == wanted)?.Record ?? (loaded is [var first, ..] ? first.Record : null);
    }
}

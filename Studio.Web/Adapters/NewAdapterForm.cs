using Studio.Core.Serving;
using Studio.Web.FineTunes;

namespace Studio.Web.Adapters;

/// <summary>What the form of a new adapter holds. A number is null while its text is not one.</summary>
public sealed class NewAdapterForm : AdapterForm
{
    public static FormField NameField { get; } = new("adapter-name", "Name", "What the adapter is called in lists and panes.", "The name is");

    public static FormField ModelField { get; } = new("adapter-model", "Base model",
        "The frozen model that the adapter belongs to. It can be used with exactly these weights only.", "The model");

    public static FormField SeedField { get; } = new("adapter-seed", "Seed",
        "Start of the random initial values. The same seed and settings give the same adapter.");

    /// <summary>Fields of the adapter's settings.</summary>
    public static AdapterFieldSet Fields { get; } = new("adapter-setting");

    /// <summary>A form with the usual settings.</summary>
    public NewAdapterForm() => Apply(RunPreset.Balanced.Adapter);

    public long? Seed { get; set; } = 42;

    /// <summary>Everything that is wrong, at its field, and what is known of the adapter; null where no base model is chosen.</summary>
    /// <param name="adapters">Who knows what fits the model.</param>
    public (FieldFindings Findings, AdapterOutlook? Outlook) Inspect(IAdapterService adapters)
    {
        if (ModelId is not { } modelId)
            return (new FieldFindings { General = ["No base model is loaded."] }, null);
        var outlook = AdapterOutlook.Of(this, modelId, adapters);
        FormField[] unreadable = [.. UnreadableAdapter(Fields), .. Seed is null ? [SeedField] : Array.Empty<FormField>()];
        return (Sort(outlook.Problems).WithUnreadable(unreadable), outlook);
    }

    /// <summary>What was refused, at its field.</summary>
    public FieldFindings Sort(IEnumerable<string> findings) => FieldFindings.Sort(findings, [NameField, ModelField, SeedField, .. Fields.All(Method)]);
}

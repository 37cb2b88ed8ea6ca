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
    public static AdapterFieldSet Fields { get; } = new("adapter");

    private static readonly IReadOnlyList<FormField> All = [NameField, ModelField, SeedField, .. Fields.All];

    /// <summary>A form with the usual settings.</summary>
    public NewAdapterForm() => Apply(RunPreset.Balanced.Adapter);

    public long? Seed { get; set; } = 42;

    /// <summary>Everything that is wrong, at its field, and the trainable parameters; null while the settings are wrong.</summary>
    /// <param name="adapters">Who knows what fits the model.</param>
    public (FieldFindings Findings, long? Parameters) Inspect(IAdapterService adapters)
    {
        ArgumentNullException.ThrowIfNull(adapters);
        if (ModelId is not { } modelId)
            return (new FieldFindings { General = ["No base model is loaded."] }, null);
        var spec = ToSpec();
        var problems = adapters.Check(spec, modelId);
        FormField[] unreadable = [.. UnreadableAdapter(Fields), .. Seed is null ? [SeedField] : Array.Empty<FormField>()];
        long? parameters = problems.Count == 0 && !unreadable.Except([SeedField]).Any() ? adapters.CountParameters(spec, modelId) : null;
        return (FieldFindings.Sort(problems, All).WithUnreadable(unreadable), parameters);
    }

    /// <summary>What was refused, at its field.</summary>
    public static FieldFindings Sort(IEnumerable<string> findings) => FieldFindings.Sort(findings, All);
}

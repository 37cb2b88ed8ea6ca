using Studio.Core.Adapters;

namespace Studio.Web.FineTunes;

/// <summary>A setting of a method with its place on a form.</summary>
/// <param name="Field">The place.</param>
/// <param name="Setting">The setting.</param>
public sealed record SettingInput(FormField Field, SettingField Setting);

/// <summary>The fields of an adapter's settings, on whichever form: the method, its targets, and one for each setting that the method declares.</summary>
/// <param name="prefix">How the ids of their inputs begin.</param>
public sealed class AdapterFieldSet(string prefix)
{
    public FormField Method { get; } = new($"{prefix}-method", "Method",
        "How the adapter changes the base. LoRA adds a small low-rank update to the chosen layers and is the usual choice.");

    public FormField Targets { get; } = new($"{prefix}-targets", "Target modules",
        "Layers that the method acts on. All linear layers learn most; attention only is smaller and changes the base less.",
        "Target module", "The target module", "The target pattern");

    /// <summary>The settings of a method, in its order.</summary>
    public IReadOnlyList<SettingInput> Of(AdapterMethod method)
    {
        ArgumentNullException.ThrowIfNull(method);
        return [.. method.Settings.Where(setting => setting.Field is not null).Select(setting => new SettingInput(FieldOf(setting), setting.Field!))];
    }

    /// <summary>Every field of a method.</summary>
    public IReadOnlyList<FormField> All(AdapterMethod method) => [Method, Targets, .. Of(method).Select(input => input.Field)];

    // Messages about a setting begin with its label; those about modules trained as a whole name the module.
    private FormField FieldOf(MethodSetting setting) => new($"{prefix}-{IdOf(setting.Field!.Label)}", setting.Field.Label, setting.Field.Help,
        setting.Key == SharedSettings.ModulesToSave.Key ? [setting.Field.Label + " ", "The module to save "] : [setting.Field.Label + " "]);

    private static string IdOf(string label)
    {
        string letters = string.Concat(label.Select(letter => char.IsAsciiLetterOrDigit(letter) ? char.ToLowerInvariant(letter) : '-'));
        return string.Join('-', letters.Split('-', StringSplitOptions.RemoveEmptyEntries));
    }
}

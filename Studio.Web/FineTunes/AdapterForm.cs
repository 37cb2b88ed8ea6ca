using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Serving;

namespace Studio.Web.FineTunes;

/// <summary>
/// What a form holds of an adapter's settings: one value of the chosen method, changed field by field. A number whose text is not one keeps its
/// text, and the last readable value stands in for it.
/// </summary>
/// <param name="methods">Methods to choose from; null = all that are registered.</param>
public class AdapterForm(IReadOnlyList<AdapterMethod>? methods = null)
{
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unreadable = new(StringComparer.Ordinal);
    private IReadOnlyList<TargetChoiceInfo> _known = [];

    /// <summary>Methods to choose from.</summary>
    public IReadOnlyList<AdapterMethod> Methods { get; } = methods ?? AdapterMethods.All;

    public string Name { get; set; } = "";

    public string? ModelId { get; set; }

    /// <summary>The method.</summary>
    public AdapterMethod Method { get; private set; } = (methods ?? AdapterMethods.All)[0];

    /// <summary>Its settings, without the choice of targets.</summary>
    public AdapterSpec Spec { get; private set; } = (methods ?? AdapterMethods.All)[0].Defaults;

    /// <summary>How target modules are chosen.</summary>
    public TargetChoice Targets { get; set; }

    /// <summary>Modules that are ticked; they count when <see cref="Targets"/> is custom.</summary>
    public ISet<string> CustomTargets { get; } = new SortedSet<string>(StringComparer.Ordinal);

    /// <summary>Modules that the chosen model has; the choice of targets follows.</summary>
    public IReadOnlyList<TargetChoiceInfo> KnownTargets
    {
        get => _known;
        set
        {
            _known = value;
            CustomTargets.IntersectWith(value.Select(target => target.Name));
            if (!TargetChoices.Contains(Targets)) Targets = TargetChoices[0];
        }
    }

    /// <summary>Whether the method acts on chosen modules.</summary>
    public bool HasTargets => Spec is TargetedSpec;

    /// <summary>Modules of the kinds that the method takes.</summary>
    public IReadOnlyList<TargetChoiceInfo> TakenTargets => Spec is TargetedSpec targeted ? [.. _known.Where(target => targeted.Kinds.HasFlag(target.Kind))] : [];

    /// <summary>Ways to choose targets that make sense for the method on the model; the first is its usual one.</summary>
    public IReadOnlyList<TargetChoice> TargetChoices => TargetChoiceRules.For(Method, TakenTargets);

    /// <summary>What the update is multiplied with; null for methods without such a factor, and while a number is not readable.</summary>
    public double? Scale => _unreadable.Count == 0 ? Spec.UpdateScale : null;

    /// <summary>Whether every number is one.</summary>
    public bool IsReadable => _unreadable.Count == 0;

    /// <summary>Takes a method with its usual settings; name and model stay.</summary>
    public void Choose(AdapterMethod method)
    {
        ArgumentNullException.ThrowIfNull(method);
        Method = method;
        Take(method.Defaults);
    }

    /// <summary>Takes over LoRA settings of a preset; name and model stay.</summary>
    public void Apply(LoraSpec adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        if (Methods.FirstOrDefault(method => method.Name == adapter.Method) is not { } lora) return;
        Method = lora;
        Take(adapter);
    }

    /// <summary>The value of a setting.</summary>
    public object? ValueOf(SettingField setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        return setting.Get(Spec);
    }

    /// <summary>Sets a flag or a word.</summary>
    public void Set(SettingField setting, object? value)
    {
        ArgumentNullException.ThrowIfNull(setting);
        Spec = setting.With(Spec, value);
    }

    /// <summary>What stands in the field of a number or a text: what was typed, else its value.</summary>
    public string TextOf(SettingField setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        return _texts.TryGetValue(setting.Label, out var typed) ? typed : setting.Get(Spec) switch { IFormattable number => NumberInput.Format(number), var text => text as string ?? "" };
    }

    /// <summary>Takes what was typed into the field of a number or a text.</summary>
    public void Read(SettingField setting, string text)
    {
        ArgumentNullException.ThrowIfNull(setting);
        ArgumentNullException.ThrowIfNull(text);
        // As typed: a list of names must stay typable although the comma at its end says nothing yet.
        _texts[setting.Label] = text;
        if (setting.Kind == SettingKind.Text)
        {
            Spec = setting.With(Spec, text);
            return;
        }
        object? value = setting.Kind == SettingKind.Whole ? (object?)NumberInput.Parse<int>(text) : NumberInput.Parse<double>(text);
        // A setting that may have no value is left out by leaving its field empty.
        bool isNone = value is null && string.IsNullOrWhiteSpace(text) && setting.Get(Method.Defaults) is null;
        if (value is null && !isNone)
        {
            _unreadable.Add(setting.Label);
            return;
        }
        _unreadable.Remove(setting.Label);
        Spec = setting.With(Spec, value);
    }

    /// <summary>The adapter's settings.</summary>
    public AdapterSpec ToSpec() => Spec is TargetedSpec targeted ? targeted with { Targets = TargetChoiceRules.Select(targeted, Method, Targets, CustomTargets, TakenTargets) } : Spec;

    /// <summary>Fields whose text is not a number.</summary>
    /// <param name="fields">The form's fields.</param>
    protected IEnumerable<FormField> UnreadableAdapter(AdapterFieldSet fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        return fields.Of(Method).Where(input => _unreadable.Contains(input.Setting.Label)).Select(input => input.Field);
    }

    private void Take(AdapterSpec spec)
    {
        Spec = spec;
        _texts.Clear();
        _unreadable.Clear();
        CustomTargets.Clear();
        Targets = TargetChoices[0];
    }
}

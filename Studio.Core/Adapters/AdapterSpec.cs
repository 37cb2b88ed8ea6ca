using System.Text.Json.Serialization;
using Studio.Core.Adapters.Methods;
using Studio.Core.Models;

namespace Studio.Core.Adapters;

/// <summary>Settings of an adapter: which method, where it acts, how large it is. Enough to build it again.</summary>
public abstract record AdapterSpec
{
    /// <summary>Registered name of the method.</summary>
    [JsonIgnore]
    public abstract string Method { get; }

    /// <summary>Modules that are trained as a whole beside the method (PEFT <c>modules_to_save</c>): every module whose name ends with an entry.</summary>
    public IReadOnlyList<string> ModulesToSave { get; init; } = [];

    /// <summary>Whether a fresh adapter answers as the base does. Prompts and prefixes do not: they are there from the start.</summary>
    [JsonIgnore]
    public virtual bool StartsAsBase => true;

    /// <summary>What the method's update is multiplied with before it joins the base's output, for example alpha / rank; null for methods without such a factor.</summary>
    [JsonIgnore]
    public virtual double? UpdateScale => null;

    /// <summary>Everything that is wrong with the settings by themselves, one sentence each; empty when nothing is.</summary>
    public virtual IReadOnlyList<string> Problems() => [.. AdapterMethods.Named(Method).Settings.SelectMany(setting => setting.Problems(this))];

    /// <summary>Everything that is wrong with the settings, by themselves and on a model; empty when nothing is.</summary>
    public virtual IReadOnlyList<string> Problems(ModuleMap modules) => [.. Problems(), .. SavedModules.Problems(this, modules), .. TokenRows.Problems(this, modules)];

    /// <summary>The same settings as a file without a continuation holds the adapter; differs for methods whose training form is lost on saving.</summary>
    public virtual AdapterSpec AsStored() => this;

    /// <summary>The same settings with what they leave to the model filled in, such as the widths that PEFT notes for prompts. Whatever is wrong is left to <see cref="Problems(ModuleMap)"/>.</summary>
    public virtual AdapterSpec On(ModuleMap modules) => this;

    /// <summary>The same settings with the texts in them also as token ids, for methods that begin at the embeddings of a text.</summary>
    /// <param name="encode">The base's tokenizer, with the special tokens that it adds to a text.</param>
    public virtual AdapterSpec WithTokens(Func<string, IReadOnlyList<int>> encode) => this;
}

/// <summary>Which biases are trained beside the method (PEFT <c>bias</c>).</summary>
public enum BiasTraining
{
    /// <summary>None.</summary>
    None,

    /// <summary>Those of the target modules. PEFT spells it after the method: <c>lora_only</c>. It does not store them (a known defect of 0.18 to 0.20).</summary>
    TargetsOnly,

    /// <summary>Every bias of the model.</summary>
    All,
}

/// <summary>Settings of a method that targets modules.</summary>
public abstract record TargetedSpec : AdapterSpec
{
    /// <summary>Where it acts.</summary>
    public TargetSelection Targets { get; init; } = TargetSelection.Everything;

    /// <summary>Which biases are trained beside the method.</summary>
    public BiasTraining Bias { get; init; }

    /// <summary>PEFT's note that the base stores its weights [in, out], as GPT-2 does. Nothing here depends on it: weights are [out, in] all the same.</summary>
    public bool FanInFanOut { get; init; }

    /// <summary>Kinds of modules that the method can act on.</summary>
    [JsonIgnore]
    public virtual TargetKinds Kinds => TargetKinds.Linear;

    /// <summary>Whether the settings make no sense without target modules.</summary>
    [JsonIgnore]
    public virtual bool NeedsTargets => true;

    /// <summary>The targeted modules of a model, in forward order.</summary>
    /// <exception cref="ArgumentException">The settings do not fit the model; the message says which and what is expected.</exception>
    public IReadOnlyList<ModuleTarget> Select(ModuleMap modules) => Targets.IsEmpty && !NeedsTargets ? [] : Targets.Select(modules, Kinds, AdapterMethods.Named(Method).Title);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems()
    {
        var problems = base.Problems();
        return Targets.IsEmpty && NeedsTargets ? [.. problems, "Target modules are empty; expected names, a regular expression or all-linear."] : problems;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems(ModuleMap modules)
    {
        var problems = base.Problems(modules);
        return Targets.IsEmpty ? problems : [.. problems, .. Targets.Problems(modules, Kinds, AdapterMethods.Named(Method).Title)];
    }
}

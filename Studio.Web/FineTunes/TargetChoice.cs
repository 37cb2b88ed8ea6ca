using Studio.Core.Adapters;
using Studio.Core.Serving;

namespace Studio.Web.FineTunes;

/// <summary>Ways to choose target modules.</summary>
public enum TargetChoice
{
    /// <summary>Every linear layer but the head.</summary>
    AllLinear,

    /// <summary>The projections of attention.</summary>
    Attention,

    /// <summary>Those of the method's own defaults.</summary>
    Usual,

    /// <summary>Every norm.</summary>
    Norms,

    /// <summary>Those that the user ticks.</summary>
    Custom,
}

/// <summary>Which ways make sense for a method, and what they select.</summary>
public static class TargetChoiceRules
{
    /// <summary>The ways in the order of a form.</summary>
    /// <param name="method">The method.</param>
    /// <param name="taken">The model's modules of the kinds that the method takes.</param>
    public static IReadOnlyList<TargetChoice> For(AdapterMethod method, IReadOnlyList<TargetChoiceInfo> taken)
    {
        ArgumentNullException.ThrowIfNull(method);
        if (method.Defaults is not TargetedSpec usual) return [TargetChoice.AllLinear];
        var choices = new List<TargetChoice>();
        if (usual.Targets is { IsEmpty: false, Pattern: not TargetSelection.AllLinear } && usual.Targets.Names.All(name => taken.Any(target => TargetSelection.Matches(target.Name, name)))) choices.Add(TargetChoice.Usual);
        if (usual.Kinds.HasFlag(TargetKinds.Linear)) choices.AddRange([TargetChoice.AllLinear, TargetChoice.Attention]);
        if (usual.Kinds.HasFlag(TargetKinds.Norm)) choices.Add(TargetChoice.Norms);
        return [.. choices, TargetChoice.Custom];
    }

    /// <summary>What a way selects.</summary>
    /// <param name="spec">The settings; what their selection leaves out and limits stays.</param>
    /// <param name="method">The method.</param>
    /// <param name="choice">The way.</param>
    /// <param name="ticked">Names that are ticked.</param>
    /// <param name="taken">The model's modules of the kinds that the method takes.</param>
    public static TargetSelection Select(TargetedSpec spec, AdapterMethod method, TargetChoice choice, IEnumerable<string> ticked, IReadOnlyList<TargetChoiceInfo> taken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(method);
        return choice switch
        {
            TargetChoice.AllLinear => spec.Targets with { Pattern = TargetSelection.AllLinear, Names = [] },
            TargetChoice.Usual when method.Defaults is TargetedSpec usual => usual.Targets,
            TargetChoice.Attention => Named([.. taken.Where(target => target.IsAttention).Select(target => target.Name)]),
            TargetChoice.Norms => Named([.. taken.Where(target => target.Kind == TargetKinds.Norm).Select(target => target.Name)]),
            _ => Named([.. ticked]),
        };

        TargetSelection Named(IReadOnlyList<string> names) => spec.Targets with { Pattern = null, Names = names };
    }

    /// <summary>A way in words.</summary>
    public static string TextOf(TargetChoice choice, AdapterMethod method)
    {
        ArgumentNullException.ThrowIfNull(method);
        return choice switch
        {
            TargetChoice.Attention => "Attention only",
            TargetChoice.Usual => $"Usual for {method.Title}",
            TargetChoice.Norms => "All norms",
            TargetChoice.Custom => "Choose modules",
            _ => "All linear layers",
        };
    }
}

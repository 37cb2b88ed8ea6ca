using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Studio.Core.Models;

namespace Studio.Core.Adapters;

/// <summary>Kinds of modules that a method can act on.</summary>
[Flags]
public enum TargetKinds
{
    /// <summary>Linear projections.</summary>
    Linear = 1,

    /// <summary>The token embedding.</summary>
    Embedding = 2,

    /// <summary>Norms.</summary>
    Norm = 4,
}

/// <summary>
/// Which modules an adapter targets, with PEFT's rules (<c>check_target_module_exists</c>): a list of names matches a module whose full name
/// equals an entry or ends with "." and an entry; a single text is a regular expression over the full name; <c>all-linear</c> is every linear
/// projection except the output head.
/// </summary>
public sealed record TargetSelection
{
    /// <summary>PEFT's word for every linear projection.</summary>
    public const string AllLinear = "all-linear";

    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Names; exclusive with <see cref="Pattern"/>.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>A regular expression over full names, or <see cref="AllLinear"/>.</summary>
    public string? Pattern { get; init; }

    /// <summary>Names that are left out although they match.</summary>
    public IReadOnlyList<string> Excluded { get; init; } = [];

    /// <summary>A regular expression over full names that are left out although they match; exclusive with <see cref="Excluded"/>.</summary>
    public string? ExcludedPattern { get; init; }

    /// <summary>Only these blocks; empty = all.</summary>
    public IReadOnlyList<int> Blocks { get; init; } = [];

    /// <summary>What the list of blocks is called in full names (PEFT <c>layers_pattern</c>); empty = whatever it is called.</summary>
    public IReadOnlyList<string> BlockLists { get; init; } = [];

    /// <summary>Whether nothing is chosen.</summary>
    [JsonIgnore]
    public bool IsEmpty => Pattern is null && Names.Count == 0;

    /// <summary>Every linear projection.</summary>
    public static TargetSelection Everything { get; } = new() { Pattern = AllLinear };

    /// <summary>A list of names.</summary>
    public static TargetSelection Of(params string[] names) => new() { Names = names };

    /// <summary>The modules of a model that are targeted, in forward order.</summary>
    /// <param name="modules">The model.</param>
    /// <param name="kinds">What the method can act on.</param>
    /// <param name="method">Title of the method, for messages.</param>
    /// <exception cref="ArgumentException">An entry matches no module, or one of a kind that the method cannot take, or a pattern is not a regular expression.</exception>
    public IReadOnlyList<ModuleTarget> Select(ModuleMap modules, TargetKinds kinds, string method)
    {
        var problems = Problems(modules, kinds, method);
        return problems.Count == 0 ? Selected(modules) : throw new ArgumentException(string.Join(" ", problems));
    }

    /// <summary>Everything that is wrong with the selection on a model, one sentence each: every name that matches nothing, or what is wrong with the pattern.</summary>
    public IReadOnlyList<string> Problems(ModuleMap modules, TargetKinds kinds, string method)
    {
        ArgumentNullException.ThrowIfNull(modules);
        var problems = Names.Where(name => !modules.All.Any(module => Matches(module.Name, name)))
            .Select(name => $"The target module '{name}' matches nothing in this model; it has {Known(modules, kinds)}.").ToList();
        if (problems.Count > 0) return problems;
        try
        {
            var selected = Selected(modules);
            return selected.Count == 0
                ? [$"The target modules '{Pattern ?? string.Join(", ", Names)}' select nothing in this model; it has {Known(modules, kinds)}."]
                : [.. selected.Where(module => !kinds.HasFlag(KindOf(module))).Select(module => $"The target module '{module.Name}' is {Noun(module)}; {method} takes {Nouns(kinds)} only.")];
        }
        catch (ArgumentException error)
        {
            return [error.Message];
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Pattern ?? string.Join(", ", Names);

    /// <summary>PEFT's rule for names: the whole name, or its end after a dot.</summary>
    public static bool Matches(string module, string name)
    {
        ArgumentNullException.ThrowIfNull(module);
        return module == name || module.EndsWith("." + name, StringComparison.Ordinal);
    }

    private bool IsTargeted(ModuleTarget module)
    {
        if (Excluded.Any(name => Matches(module.Name, name)) || (ExcludedPattern is { } excluded && FullMatch(excluded, module.Name))) return false;
        if (Blocks.Count > 0 && (!Blocks.Contains(module.Block) || (BlockLists.Count > 0 && !BlockLists.Any(list => module.Name.Contains($".{list}.{module.Block}.", StringComparison.Ordinal))))) return false;
        return Pattern switch
        {
            null => Names.Any(name => Matches(module.Name, name)),
            AllLinear => module.Kind == ModuleKind.Linear && module.Layer != LayerId.Head,
            _ => FullMatch(Pattern, module.Name),
        };
    }

    private static bool FullMatch(string pattern, string name)
    {
        try
        {
            return Regex.IsMatch(name, $"^(?:{pattern})$", RegexOptions.CultureInvariant, PatternTimeout);
        }
        catch (ArgumentException error)
        {
            throw new ArgumentException($"The target pattern '{pattern}' is not a regular expression: {error.Message}", error);
        }
        catch (RegexMatchTimeoutException error)
        {
            throw new ArgumentException($"The target pattern '{pattern}' took more than {PatternTimeout.TotalSeconds} s on '{name}'; expected a simpler regular expression.", error);
        }
    }

    private List<ModuleTarget> Selected(ModuleMap modules) => [.. modules.All.Where(IsTargeted)];

    private static TargetKinds KindOf(ModuleTarget module) => module.Kind switch
    {
        ModuleKind.Embedding => TargetKinds.Embedding,
        ModuleKind.Norm => TargetKinds.Norm,
        _ => TargetKinds.Linear,
    };

    private static string Noun(ModuleTarget module) => module.Kind switch
    {
        ModuleKind.Embedding => "the token embedding",
        ModuleKind.Norm => "a norm",
        _ => "a linear projection",
    };

    private static string Nouns(TargetKinds kinds) => string.Join(" and ", new[]
    {
        kinds.HasFlag(TargetKinds.Linear) ? "linear projections" : null,
        kinds.HasFlag(TargetKinds.Embedding) ? "the token embedding" : null,
        kinds.HasFlag(TargetKinds.Norm) ? "norms" : null,
    }.OfType<string>());

    private static string Known(ModuleMap modules, TargetKinds kinds) =>
        string.Join(", ", modules.All.Where(module => kinds.HasFlag(KindOf(module))).Select(module => module.ShortName).Distinct(StringComparer.Ordinal));
}

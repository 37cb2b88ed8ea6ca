using System.Text.RegularExpressions;
using Studio.Core.Models;

namespace Studio.Core.Adapters;

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

    /// <summary>Only these blocks; empty = all.</summary>
    public IReadOnlyList<int> Blocks { get; init; } = [];

    /// <summary>Every linear projection.</summary>
    public static TargetSelection Everything { get; } = new() { Pattern = AllLinear };

    /// <summary>A list of names.</summary>
    public static TargetSelection Of(params string[] names) => new() { Names = names };

    /// <summary>The modules of a model that are targeted, in forward order.</summary>
    /// <exception cref="ArgumentException">An entry matches no module, or a pattern is not a regular expression: the message lists what there is.</exception>
    public IReadOnlyList<ModuleTarget> Select(ModuleMap modules)
    {
        var problems = Problems(modules);
        return problems.Count == 0 ? Selected(modules) : throw new ArgumentException(string.Join(" ", problems));
    }

    /// <summary>Everything that is wrong with the selection on a model, one sentence each: every name that matches nothing, or what is wrong with the pattern.</summary>
    public IReadOnlyList<string> Problems(ModuleMap modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        var problems = Names.Where(name => !Candidates(modules).Any(module => Matches(module.Name, name)))
            .Select(name => $"The target module '{name}' matches nothing in this model; it has {Known(modules)}.").ToList();
        if (problems.Count > 0) return problems;
        try
        {
            return Selected(modules).Count > 0 ? [] : [$"The target modules '{Pattern ?? string.Join(", ", Names)}' select nothing in this model; it has {Known(modules)}."];
        }
        catch (ArgumentException error)
        {
            return [error.Message];
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Pattern ?? string.Join(", ", Names);

    private bool IsTargeted(ModuleTarget module)
    {
        if (Excluded.Any(name => Matches(module.Name, name))) return false;
        if (Blocks.Count > 0 && !Blocks.Contains(module.Layer.Block)) return false;
        return Pattern switch
        {
            null => Names.Any(name => Matches(module.Name, name)),
            AllLinear => module.Kind == ModuleKind.Linear && module.Layer != LayerId.Head,
            _ => FullMatch(Pattern, module.Name),
        };
    }

    private static bool Matches(string module, string name) => module == name || module.EndsWith("." + name, StringComparison.Ordinal);

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

    private List<ModuleTarget> Selected(ModuleMap modules) => [.. Candidates(modules).Where(IsTargeted)];

    private static IEnumerable<ModuleTarget> Candidates(ModuleMap modules) => modules.All.Where(module => module.Kind != ModuleKind.Norm);

    private static string Known(ModuleMap modules) =>
        string.Join(", ", Candidates(modules).Select(module => module.ShortName).Distinct(StringComparer.Ordinal));
}

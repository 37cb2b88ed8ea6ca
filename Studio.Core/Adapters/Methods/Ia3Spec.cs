using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Studio.Core.Models;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.Ia3Spec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of IA3 (Liu et al. 2022), as PEFT's <c>IA3Config</c> names them.</summary>
public sealed record Ia3Spec : TargetedSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "ia3";

    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>
    /// Ends of the names of the targets whose input is scaled instead of their output (PEFT <c>feedforward_modules</c>); null = those that lead out
    /// of the MLP, as in the paper.
    /// </summary>
    public IReadOnlyList<string>? FeedForward { get; init; }

    /// <summary>The same as a regular expression over full names; exclusive with <see cref="FeedForward"/>.</summary>
    public string? FeedForwardPattern { get; init; }

    /// <summary>Whether the input of a module is scaled, by PEFT's rule: the end of the name, also in the middle of a word.</summary>
    public bool IsFeedForward(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return FeedForwardPattern is { } pattern
            ? Regex.IsMatch(module.Name, $"^(?:{pattern})$", RegexOptions.CultureInvariant, PatternTimeout)
            : (FeedForward ?? []).Any(name => module.Name.EndsWith(name, StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems()
    {
        var problems = base.Problems().ToList();
        if (FeedForwardPattern is { } pattern && !ModulePattern.IsExpression(pattern)) problems.Add($"The feed-forward pattern '{pattern}' is not a regular expression; expected one over module names.");
        if (Targets.Pattern is null && FeedForward is not null)
            problems.AddRange(FeedForward.Where(name => !Targets.Names.Contains(name)).Select(name => $"The feed-forward module '{name}' is not one of the target modules {string.Join(", ", Targets.Names)}; expected some of them."));
        return problems;
    }

    /// <inheritdoc/>
    public override AdapterSpec On(ModuleMap modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        if (FeedForward is not null || FeedForwardPattern is not null || Problems(modules).Count > 0) return this;
        if (Targets.Pattern is null)
            return this with { FeedForward = [.. Targets.Names.Where(name => modules.All.Where(module => TargetSelection.Matches(module.Name, name)).All(IsMlpOutput))] };
        return this with { FeedForward = [.. Select(modules).Where(IsMlpOutput).Select(LastTwoParts).Distinct(StringComparer.Ordinal)] };
    }

    private static bool IsMlpOutput(ModuleTarget module) =>
        module.Kind == ModuleKind.Linear && module.Layer.Projection is BaseProjection.Down or BaseProjection.SharedDown;

    // GPT-2 has a c_proj in its attention too.
    private static string LastTwoParts(ModuleTarget module) => string.Join('.', module.Name.Split('.')[^2..]);
}

/// <summary>IA3's settings, as PEFT's <c>IA3Config</c> names them.</summary>
internal static class Ia3Settings
{
    private const string FeedForwardKey = "feedforward_modules";

    public static IReadOnlyList<MethodSetting> All { get; } =
    [
        new MethodSetting
        {
            Key = FeedForwardKey,
            Read = (config, spec) => config.Raw(FeedForwardKey) is { ValueKind: JsonValueKind.String } pattern
                ? (Ia3Spec)spec with { FeedForwardPattern = pattern.GetString(), FeedForward = null }
                : (Ia3Spec)spec with { FeedForward = config.Texts(FeedForwardKey) },
            Write = spec => ((Ia3Spec)spec).FeedForwardPattern is { } pattern ? JsonValue.Create(pattern) : SharedSettings.Texts(((Ia3Spec)spec).FeedForward ?? []),
            Field = new SettingField("Feed-forward modules", "Targets whose input is scaled instead of their output. Leave empty for the paper's choice: the projection that leads out of the MLP.",
                SettingKind.Text, spec => string.Join(", ", ((Ia3Spec)spec).FeedForward ?? []), (spec, value) => (Ia3Spec)spec with { FeedForward = Split((string?)value) }) { Advanced = true },
        },
        SharedSettings.TargetModules, SharedSettings.ExcludedModules, SharedSettings.ModulesToSave, SharedSettings.FanInFanOut,
        Note("init_ia3_weights", "true"),
    ];

    private static string[]? Split(string? text) => SharedSettings.Split(text) is { Length: > 0 } names ? names : null;
}

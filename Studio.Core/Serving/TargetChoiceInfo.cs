using Studio.Core.Adapters;
using Studio.Core.Models;

namespace Studio.Core.Serving;

/// <summary>A name that adapters can target on a model.</summary>
/// <param name="Name">The last part of the modules' names, or as much of it as tells them apart: <c>q_proj</c>, but <c>attn.c_proj</c> beside <c>mlp.c_proj</c>.</param>
/// <param name="Kind">What the modules are.</param>
/// <param name="IsAttention">Whether they are projections of attention.</param>
public sealed record TargetChoiceInfo(string Name, TargetKinds Kind, bool IsAttention)
{
    /// <summary>The choices of a model: every module but the output head, in forward order.</summary>
    public static IReadOnlyList<TargetChoiceInfo> Of(ModuleMap modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        var all = modules.All.Where(module => module.Kind == ModuleKind.Norm || module.Layer != LayerId.Head).Select(module => (Module: module, Path: TensorPlace.PathOf(module))).ToList();
        var shared = all.GroupBy(entry => entry.Module.ShortName, StringComparer.Ordinal)
            .Where(group => group.Select(entry => entry.Path).Distinct(StringComparer.Ordinal).Skip(1).Any()).Select(group => group.Key).ToHashSet(StringComparer.Ordinal);
        return [.. all.Select(entry => new TargetChoiceInfo(shared.Contains(entry.Module.ShortName) ? entry.Path : entry.Module.ShortName, KindOf(entry.Module), IsAttentionOf(entry.Module)))
            .DistinctBy(choice => choice.Name, StringComparer.Ordinal)];
    }

    private static TargetKinds KindOf(ModuleTarget module) => module.Kind switch
    {
        ModuleKind.Embedding => TargetKinds.Embedding,
        ModuleKind.Norm => TargetKinds.Norm,
        _ => TargetKinds.Linear,
    };

    private static bool IsAttentionOf(ModuleTarget module) => module.Kind == ModuleKind.Linear && module.Layer.Projection
        is BaseProjection.QueryKeyValue or BaseProjection.Query or BaseProjection.Key or BaseProjection.Value or BaseProjection.AttentionOutput;
}

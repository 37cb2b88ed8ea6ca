using System.Text.RegularExpressions;
using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>What a LoRA's files hold.</summary>
public sealed partial class LoraAdapter
{
    // Modules whose base weight PEFT stores beside their update (peft/utils/constants.py, EMBEDDING_LAYER_NAMES).
    private static readonly string[] StoredBases = ["embed_tokens", "lm_head"];

    /// <inheritdoc/>
    public override void Export(AdapterExport export)
    {
        ArgumentNullException.ThrowIfNull(export);
        if (Settings.StartsFromBase) export.Spec = Settings.AsPlain();
        foreach (var target in _loras)
        {
            var (a, b) = Settings.StartsFromBase ? Doubled(target) : Pair(target);
            export.Weights[target.A] = a;
            export.Weights[target.B] = b;
            if (target.Bias is not null) export.Weights[target.Bias] = Parameters[target.Bias];
            if (target.Magnitude is not null) export.Weights[target.Magnitude] = Parameters[target.Magnitude];
            if (Settings.StartsFromBase)
                foreach (var (name, tensor) in Continued(target)) export.Continuation[name] = tensor;
            if (IsBaseStored(target) && Site.Base is IBaseWeights weights)
            {
                export.Weights[PeftFormat.Key(target.Module, "base_layer.weight")] = weights.Weight(target.Module.Layer).to(Site.ComputeType);
                if (weights.Bias(target.Module.Layer) is { } bias) export.Weights[PeftFormat.Key(target.Module, "base_layer.bias")] = bias.to(Site.ComputeType);
            }
        }
    }

    /// <inheritdoc/>
    public override void Import(AdapterImport import)
    {
        ArgumentNullException.ThrowIfNull(import);
        foreach (var target in _loras)
        {
            if (Settings.StartsFromBase && import.HasContinuation)
            {
                foreach (var (name, tensor) in Continued(target)) import.ContinueTo(name, tensor);
                import.Skip(target.A);
                import.Skip(target.B);
            }
            else
            {
                import.CopyTo(target.A, Pair(target).A);
                import.CopyTo(target.B, Pair(target).B);
                if (_starts.ContainsKey(target.A)) FindStart(target, import);
            }
            if (target.Bias is not null) import.CopyTo(target.Bias, Parameters[target.Bias]);
            if (target.Magnitude is not null) import.CopyTo(target.Magnitude, Parameters[target.Magnitude]);
            SkipBase(target, import);
        }
        _dora?.Forget();
    }

    private IEnumerable<(string Name, Tensor Value)> Continued(LoraTarget target)
    {
        yield return (target.A, Pair(target).A);
        yield return (target.B, Pair(target).B);
        if (!_starts.TryGetValue(target.A, out var start)) yield break;
        yield return (target.A + ".start", start.A);
        yield return (target.B + ".start", start.B);
    }

    private void FindStart(LoraTarget target, AdapterImport import)
    {
        if (LoraStart.IsRandomPart(Settings.Initialisation))
        {
            import.Refuse($"its base lacks a part that was found at random ({Settings.Initialisation}); save it in PEFT with path_initial_model_for_weight_conversion");
            return;
        }
        using var scope = NewDisposeScope();
        var part = LoraStart.PartOfBase(Settings.Initialisation, target, Site, random: null);
        _starts[target.A].A.copy_(part.A);
        _starts[target.A].B.copy_(part.B);
    }

    // PEFT stores the base weight of a targeted embed_tokens or lm_head, unless token rows are trained (save_and_load.py).
    private bool IsBaseStored(LoraTarget target)
    {
        bool isNamed = Settings.Targets.Pattern is null
            ? StoredBases.Any(Settings.Targets.Names.Contains)
            : StoredBases.Any(name => Targets.Any(module => Regex.IsMatch(module.Name, $@"^(.*\.)?{name}$", RegexOptions.CultureInvariant)));
        bool trainsTokens = Settings.Tokens.Embedding.Count + Settings.Tokens.Modules.Count > 0;
        return isNamed && !trainsTokens && (target.IsEmbedding || target.Module.Layer == LayerId.Head);
    }

    private void SkipBase(LoraTarget target, AdapterImport import)
    {
        if (!target.IsEmbedding && target.Module.Layer != LayerId.Head) return;
        long[] shape = target.IsEmbedding ? [target.Module.InputFeatures, target.Module.OutputFeatures] : [target.Module.OutputFeatures, target.Module.InputFeatures];
        string weight = PeftFormat.Key(target.Module, "base_layer.weight"), bias = PeftFormat.Key(target.Module, "base_layer.bias");
        if (import.ShapeOf(weight) is { } found && !found.SequenceEqual(shape))
            import.Refuse($"{weight} is [{string.Join(", ", found)}], the base model has [{string.Join(", ", shape)}]");
        import.Skip(weight);
        // A trained bias of the head goes by the same name.
        if (Settings.Bias != BiasTraining.All) import.Skip(bias);
    }
}

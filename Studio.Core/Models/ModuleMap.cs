using Studio.Core.Models.Families;

namespace Studio.Core.Models;

/// <summary>What an adapter may target.</summary>
public enum ModuleKind
{
    /// <summary>A linear projection.</summary>
    Linear,

    /// <summary>The token embedding.</summary>
    Embedding,

    /// <summary>A norm.</summary>
    Norm,
}

/// <summary>One module of the model under its Hugging Face name.</summary>
/// <param name="Name">Full name, for example <c>model.layers.0.self_attn.q_proj</c>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Layer">The unfused base layer; meaningless for norms.</param>
/// <param name="Norm">The norm; meaningless for others.</param>
/// <param name="InputFeatures">Columns of its input (embedding: vocabulary size).</param>
/// <param name="OutputFeatures">Columns of its output.</param>
public sealed record ModuleTarget(string Name, ModuleKind Kind, LayerId Layer, NormId Norm, int InputFeatures, int OutputFeatures)
{
    /// <summary>The last part of the name, for example <c>q_proj</c>.</summary>
    public string ShortName => Name[(Name.LastIndexOf('.') + 1)..];

    /// <summary>Block it lies in, or <see cref="LayerId.OutsideBlocks"/>.</summary>
    public int Block => Kind == ModuleKind.Norm ? Norm.Block : Layer.Block;
}

/// <summary>A projection of all experts of a block, as transformers 5 holds it: one tensor with a matrix per expert.</summary>
/// <param name="Module">Module of the tensor, for example <c>model.layers.0.mlp.experts</c>.</param>
/// <param name="Parameter">Its name in the module, for example <c>gate_up_proj</c>.</param>
/// <param name="Call">The base call over all experts.</param>
/// <param name="Count">Experts.</param>
/// <param name="InputFeatures">Columns of the input.</param>
/// <param name="OutputFeatures">Columns of the output, all parts of the call.</param>
/// <param name="InputsFirst">Whether the tensor is [experts, in, out] instead of [experts, out, in].</param>
public sealed record ExpertTarget(string Module, string Parameter, LayerId Call, int Count, int InputFeatures, int OutputFeatures, bool InputsFirst)
{
    /// <summary>Full name of the tensor.</summary>
    public string FullName => $"{Module}.{Parameter}";
}

/// <summary>All modules of a model in forward order, by name and by layer: what adapters can target.</summary>
public sealed class ModuleMap
{
    private readonly Dictionary<LayerId, ModuleTarget> _byLayer = [];
    private readonly Dictionary<string, ModuleTarget> _byName = new(StringComparer.Ordinal);

    /// <summary>Lists the modules of a config.</summary>
    public ModuleMap(DecoderConfig config, DecoderFamily family)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(family);
        Config = config;
        var all = new List<ModuleTarget>();
        foreach (var call in config.BaseCalls().Where(call => !config.IsExpertCall(call)))
        {
            foreach (var part in config.Describe(call).Parts)
            {
                if (!family.IsModule(part.Layer)) continue;
                var layer = config.Describe(part.Layer);
                var kind = part.Layer == LayerId.Embedding ? ModuleKind.Embedding : ModuleKind.Linear;
                var module = new ModuleTarget(family.ModuleName(part.Layer), kind, part.Layer, default, layer.InputFeatures, layer.OutputFeatures);
                _byLayer[part.Layer] = module;
                all.Add(module);
            }
        }
        foreach (var norm in config.Norms().Where(_ => config.NormWeight))
        {
            var modules = family.NormModules(norm, config.NormShape(norm));
            int width = (int)config.NormShape(norm).Aggregate(1L, (product, size) => product * size);
            if (modules.Count == 1) all.Add(new ModuleTarget(modules[0], ModuleKind.Norm, default, norm, width, width));
        }
        All = all;
        Experts = [.. config.BaseCalls().Where(config.IsExpertCall).Select(call =>
        {
            var (module, parameter, inputsFirst) = family.ExpertParameter(call);
            var layer = config.Describe(call);
            return new ExpertTarget(module, parameter, call, config.Block(call.Block).Experts!.Count, layer.InputFeatures, layer.OutputFeatures, inputsFirst);
        })];
        foreach (var module in all) _byName[module.Name] = module;
    }

    /// <summary>Shapes and constants of the model.</summary>
    public DecoderConfig Config { get; }

    /// <summary>Every module.</summary>
    public IReadOnlyList<ModuleTarget> All { get; }

    /// <summary>Projections of experts, which are no modules, in forward order.</summary>
    public IReadOnlyList<ExpertTarget> Experts { get; }

    /// <summary>The module of an unfused layer.</summary>
    public ModuleTarget this[LayerId layer] => _byLayer[layer];

    /// <summary>The module of an unfused layer, or null: routers and experts are bare tensors in most families.</summary>
    public ModuleTarget? Find(LayerId layer) => _byLayer.GetValueOrDefault(layer);

    /// <summary>A module by its full name, or null.</summary>
    public ModuleTarget? Find(string name) => _byName.GetValueOrDefault(name);
}

using System.Globalization;

namespace Studio.Core.Models.Families;

/// <summary>Where a layer's weight lies in a checkpoint.</summary>
/// <param name="Name">Tensor name.</param>
/// <param name="Transposed">Whether it is stored [in, out].</param>
/// <param name="Expert">Index in the first dimension where experts are stacked in one tensor; else null.</param>
public sealed record WeightSource(string Name, bool Transposed = false, int? Expert = null);

/// <summary>One module of a family: its name within a block ({1} stands for the expert) and how its weight is stored.</summary>
public sealed record ModuleSpec(string Name)
{
    /// <summary>Whether the weight is stored [in, out], as GPT-2's Conv1D does.</summary>
    public bool Transposed { get; init; }

    /// <summary>Whether all experts are stacked in one tensor.</summary>
    public bool Stacked { get; init; }

    /// <summary>Ending of the weight's name.</summary>
    public string WeightEnding { get; init; } = ".weight";

    /// <summary>Ending of the bias's name.</summary>
    public string BiasEnding { get; init; } = ".bias";

    /// <summary>Whether transformers has a linear module of that name, which adapters can target; else it is a bare tensor.</summary>
    public bool IsModule { get; init; } = true;

    /// <summary>A plain module.</summary>
    public static implicit operator ModuleSpec(string name) => new(name);
}

/// <summary>
/// What the studio knows of one family: defaults of its config, how to read it, and what its modules are called. Data, no code paths: the
/// forward never asks which family it runs.
/// </summary>
public sealed class DecoderFamily
{
    /// <summary><c>model_type</c>.</summary>
    public required string ModelType { get; init; }

    /// <summary>Values of absent config keys, as JSON (transformers <c>configuration_*.py</c>).</summary>
    public string Defaults { get; init; } = "{}";

    /// <summary>Other names of config keys, and what they stand for (transformers <c>attribute_map</c>).</summary>
    public IReadOnlyDictionary<string, string> Aliases { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads config.json, defaults filled in.</summary>
    public required Func<ConfigReader, DecoderConfig> Read { get; init; }

    /// <summary>Module names of what lies outside the blocks, and per block under <see cref="BlockPrefix"/>.</summary>
    public required IReadOnlyDictionary<BaseProjection, ModuleSpec> Modules { get; init; }

    /// <summary>
    /// Norm names by role, within a block under <see cref="BlockPrefix"/>. A name with {1} is one module per head.
    /// </summary>
    public required IReadOnlyDictionary<NormRole, string> Norms { get; init; }

    /// <summary>Prefix of block n, with {0} for n.</summary>
    public required string BlockPrefix { get; init; }

    /// <summary>Start of all names but the head's that files may leave out (transformers <c>base_model_prefix</c>).</summary>
    public string BasePrefix { get; init; } = "model.";

    /// <summary>Module of the learned position table.</summary>
    public string PositionTable { get; init; } = "";

    /// <summary>Tensor of the attention sinks within a block.</summary>
    public string Sinks { get; init; } = "";

    /// <summary>Tensors that old files hold and nobody needs, as name endings.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>Reads config.json.</summary>
    /// <exception cref="InvalidDataException">A value that is missing or not supported; the message names file, key, value and what is supported.</exception>
    public DecoderConfig ReadConfig(ConfigReader config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var complete = config.WithDefaults(Defaults, Aliases);
        ConfigChecks.RequirePlainWeights(complete);
        try
        {
            var read = Read(complete) with { Family = ModelType };
            ConfigChecks.RequireSound(read, complete);
            return read;
        }
        catch (OverflowException error)
        {
            throw new InvalidDataException($"'{config.Source}': the widths or lengths do not fit into 32 bits.", error);
        }
    }

    /// <summary>The Hugging Face module name of a layer, for example <c>model.layers.0.self_attn.q_proj</c>.</summary>
    /// <exception cref="ArgumentException">The family has no module for it.</exception>
    public string ModuleName(LayerId layer) => InBlock(layer.Block) + InExpert(Spec(layer).Name, layer.Expert);

    /// <summary>Whether adapters can target a layer.</summary>
    public bool IsModule(LayerId layer) => layer.Expert == LayerId.NoExpert && Spec(layer).IsModule;

    /// <summary>Where a layer's weight lies.</summary>
    public WeightSource Weight(LayerId layer) => Source(layer, Spec(layer).WeightEnding, Spec(layer).Transposed);

    /// <summary>Where a layer's bias lies.</summary>
    public WeightSource Bias(LayerId layer) => Source(layer, Spec(layer).BiasEnding, transposed: false);

    /// <summary>The module name of a norm.</summary>
    public string NormName(NormId norm) => InBlock(norm.Block) + Norms[norm.Role];

    /// <summary>The modules of a norm: one, or one per head.</summary>
    /// <param name="norm">The norm.</param>
    /// <param name="shape">Its shape.</param>
    public IReadOnlyList<string> NormModules(NormId norm, IReadOnlyList<long> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        string name = Norms[norm.Role];
        return name.Contains("{1}", StringComparison.Ordinal)
            ? [.. Enumerable.Range(0, (int)shape[0]).Select(head => InBlock(norm.Block) + InExpert(name, head))]
            : [NormName(norm)];
    }

    /// <summary>The tensor in which transformers 5 keeps a projection of all experts of a block; most families fuse gate and up there, whatever their files do.</summary>
    /// <param name="call">The call over all experts.</param>
    /// <returns>Its module, its name in the module, and whether it is [experts, in, out] instead of [experts, out, in].</returns>
    public (string Module, string Parameter, bool InputsFirst) ExpertParameter(LayerId call)
    {
        if (!Modules.TryGetValue(call.Projection, out var spec) || !spec.Stacked)
            return (InBlock(call.Block) + "mlp.experts", call.Projection == BaseProjection.Down ? "down_proj" : "gate_up_proj", false);
        string name = InBlock(call.Block) + spec.Name + spec.WeightEnding;
        int dot = name.LastIndexOf('.');
        return (name[..dot], name[(dot + 1)..], spec.Transposed);
    }

    /// <summary>The tensor of a block's attention sinks.</summary>
    public string SinksName(int block) => InBlock(block) + Sinks;

    private ModuleSpec Spec(LayerId layer) =>
        Modules.TryGetValue(layer.Projection, out var spec) ? spec : throw new ArgumentException($"The family {ModelType} has no module for '{layer}'.", nameof(layer));

    private WeightSource Source(LayerId layer, string ending, bool transposed) =>
        new(ModuleName(layer) + ending, transposed, Spec(layer).Stacked ? layer.Expert : null);

    private string InBlock(int block) => block == LayerId.OutsideBlocks ? "" : string.Format(CultureInfo.InvariantCulture, BlockPrefix, block) + ".";

    private static string InExpert(string name, int expert) => name.Replace("{1}", expert.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
}

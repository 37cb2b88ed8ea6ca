using Studio.Core.Models.Families;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>
/// The forward of a decoder, written once over <see cref="IForwardContext"/>. Holds what is the client's side of the model (norms, position
/// tables, attention sinks, names) and no projection: those are behind the context. Immutable, shared by all clients of a base.
/// </summary>
public sealed class DecoderModel : IDisposable
{
    private readonly DecoderBlock[] _blocks;
    private readonly Dictionary<NormId, Norm> _norms;
    private readonly Dictionary<RotaryConfig, RotaryEmbedding> _rotaries = [];
    private readonly ClientTensors _tensors;

    /// <summary>Builds the forward over norms given by the caller.</summary>
    public DecoderModel(DecoderConfig config, DecoderFamily family, IReadOnlyDictionary<NormId, NormWeights> norms, ScalarType computeType, Device device)
        : this(config, family, new ClientTensors { Norms = norms }, computeType, device)
    {
    }

    /// <summary>Builds the forward; takes ownership of the tensors.</summary>
    internal DecoderModel(DecoderConfig config, DecoderFamily family, ClientTensors tensors, ScalarType computeType, Device device)
    {
        Config = config;
        Family = family;
        ComputeType = computeType;
        Device = device;
        Modules = new ModuleMap(config, family);
        _tensors = tensors;
        _norms = tensors.Norms.ToDictionary(entry => entry.Key, entry => new Norm(config.Norm, entry.Value, config.NormEpsilon, config.NormUnitOffset));
        foreach (var rotary in Enumerable.Range(0, config.Blocks).Select(i => config.Block(i).Rotary).OfType<RotaryConfig>())
            if (!_rotaries.ContainsKey(rotary)) _rotaries[rotary] = new RotaryEmbedding(rotary, device);
        _blocks = [.. Enumerable.Range(0, config.Blocks).Select(i => new DecoderBlock(i, config, _norms,
            config.Block(i).Rotary is { } rotary ? _rotaries[rotary] : null, tensors.Sinks.Count > 0 ? tensors.Sinks[i] : null))];
    }

    /// <summary>Shapes and constants.</summary>
    public DecoderConfig Config { get; }

    /// <summary>Names.</summary>
    public DecoderFamily Family { get; }

    /// <summary>Hugging Face module names and the layers they stand for.</summary>
    public ModuleMap Modules { get; }

    /// <summary>Type of activations.</summary>
    public ScalarType ComputeType { get; }

    /// <summary>Where clients of this model compute.</summary>
    public Device Device { get; }

    /// <summary>Bytes of norms, position table and sinks.</summary>
    public long NormBytes => _tensors.Bytes;

    /// <summary>The frozen norms.</summary>
    public IReadOnlyDictionary<NormId, Norm> Norms => _norms;

    /// <summary>Loads the client's side of a checkpoint.</summary>
    internal static DecoderModel Load(WeightReader reader) =>
        new(reader.Checkpoint.Config, reader.Checkpoint.Family, ClientTensors.Load(reader), reader.Type, reader.Device);

    /// <summary>The same model for clients on another device; whoever asks disposes it.</summary>
    internal DecoderModel CopyTo(Device device) => new(Config, Family, _tensors.CopyTo(device), ComputeType, device);

    /// <summary>Token ids to the head's input.</summary>
    /// <param name="context">Who runs it.</param>
    /// <param name="batch">The sequences.</param>
    /// <param name="observe">Sees the residual stream before each block, and the result.</param>
    /// <returns>[rows, hidden]; rows are the batch's tokens with each sequence's virtual tokens in front of it. Belongs to the caller's dispose scope.</returns>
    /// <exception cref="ArgumentException">A sequence is longer than a learned position table.</exception>
    public Tensor Forward(IForwardContext context, SequenceBatch batch, Action<Tensor>? observe = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var scope = NewDisposeScope();
        var layout = BatchLayout.Of(context, batch);
        var h = Embed(context, layout); // [rows, hidden]
        var tables = new ForwardTables(layout, Config, _rotaries.Values, ComputeType, Device);
        bool kept = context.Keep(tables);
        try
        {
            foreach (var block in _blocks)
            {
                observe?.Invoke(h);
                h = context.Block(h, x => block.Forward(context, x, layout, tables));
            }
        }
        finally
        {
            if (!kept) tables.Dispose();
        }
        h = Normalized(context, NormRole.Final, h);
        if (Config.EmbeddingWidth != Config.Hidden) h = context.Project(LayerId.ProjectOut, context.Cut(h))[0];
        observe?.Invoke(h);
        return layout.AskedRows(h).MoveToOuterDisposeScope();
    }

    /// <summary>Hidden rows to logits. <paramref name="rows"/> says which sequences the given rows belong to.</summary>
    /// <returns>[rows, vocabulary].</returns>
    public Tensor Logits(IForwardContext context, Tensor hidden, IReadOnlyList<RowSpan> rows)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.UseRows(rows);
        var logits = context.Project(LayerId.Head, hidden)[0];
        if (Config.LogitScale != 1) logits = logits * Config.LogitScale;
        return Config.LogitSoftcap > 0 ? (logits / Config.LogitSoftcap).tanh() * Config.LogitSoftcap : logits;
    }

    /// <summary>Frees norms and tables.</summary>
    public void Dispose()
    {
        foreach (var norm in _norms.Values) norm.Dispose();
        foreach (var rotary in _rotaries.Values) rotary.Dispose();
        _tensors.Dispose();
    }

    private Tensor Embed(IForwardContext context, BatchLayout layout)
    {
        context.UseRows(layout.TokenRows);
        var h = context.Project(LayerId.Embedding, layout.TokenIds(Device))[0]; // [tokens, embedding]
        h = layout.InsertVirtualTokens(context, h);                              // [rows, embedding]
        context.UseRows(layout.Rows);
        if (Config.EmbeddingScale != 1 && !Config.ScaleInsideEmbedding) h = h * ComputeType.Nearest(Config.EmbeddingScale);
        if (Config.EmbeddingWidth != Config.Hidden) h = context.Project(LayerId.ProjectIn, context.Cut(h))[0]; // [rows, hidden]
        if (_tensors.Positions is { } table) h = h + LearnedPositions(table, layout);
        return context.Cut(Normalized(context, NormRole.Embedding, h));
    }

    private Tensor LearnedPositions(Tensor table, BatchLayout layout)
    {
        int last = layout.Positions.Max() + Config.LearnedPositionOffset;
        if (last >= Config.LearnedPositions)
            throw new ArgumentException($"Position {layout.Positions.Max()} is beyond the {Config.LearnedPositions - Config.LearnedPositionOffset} positions of the {Config.Family} model.", nameof(layout));
        return table.index_select(0, tensor(layout.Positions.Select(position => (long)position + Config.LearnedPositionOffset).ToArray(), device: Device));
    }

    private Tensor Normalized(IForwardContext context, NormRole role, Tensor h)
    {
        var id = new NormId(LayerId.OutsideBlocks, role);
        return _norms.TryGetValue(id, out var norm) ? context.Normalize(id, norm, h) : h;
    }
}

using Studio.Core.Models.Families;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>
/// The forward of a decoder, written once over <see cref="IForwardContext"/>. Holds what is the client's side of the model (norms, rotary
/// tables, names) and no projection: those are behind the context. Immutable, shared by all clients of a base.
/// </summary>
public sealed class DecoderModel : IDisposable
{
    private readonly DecoderBlock[] _blocks;
    private readonly Dictionary<NormId, Norm> _norms;
    private readonly RotaryEmbedding _rotary;

    /// <summary>Builds the forward over norms given by the caller, who keeps owning their tensors' storage.</summary>
    public DecoderModel(DecoderConfig config, DecoderFamily family, IReadOnlyDictionary<NormId, NormWeights> norms, ScalarType computeType, Device device)
    {
        ArgumentNullException.ThrowIfNull(norms);
        Config = config;
        Family = family;
        ComputeType = computeType;
        Device = device;
        Modules = new ModuleMap(config, family);
        _norms = norms.ToDictionary(entry => entry.Key, entry => new Norm(config.Norm, entry.Value, config.NormEpsilon));
        _rotary = new RotaryEmbedding(config.Rotary, device);
        _blocks = [.. Enumerable.Range(0, config.Blocks).Select(i => new DecoderBlock(i, config,
            _norms[new NormId(i, NormRole.AttentionInput)], _norms[new NormId(i, NormRole.MlpInput)], _rotary))];
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

    /// <summary>Bytes of the norms.</summary>
    public long NormBytes => _norms.Values.Sum(norm => norm.Weights.Weight.ByteCount() + (norm.Weights.Bias?.ByteCount() ?? 0));

    /// <summary>The frozen norms.</summary>
    public IReadOnlyDictionary<NormId, Norm> Norms => _norms;

    /// <summary>Loads the client's side of a checkpoint.</summary>
    public static DecoderModel Load(Checkpoint checkpoint, ScalarType computeType, Device device)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        var norms = new Dictionary<NormId, NormWeights>();
        foreach (var id in CheckpointTensors.Norms(checkpoint.Config))
        {
            string name = checkpoint.Family.NormName(id);
            norms[id] = new NormWeights(Read(name + ".weight"), checkpoint.Has(name + ".bias") ? Read(name + ".bias") : null);
        }
        return new DecoderModel(checkpoint.Config, checkpoint.Family, norms, computeType, device);

        Tensor Read(string name)
        {
            using var stored = checkpoint.Map(name);
            return stored.to(computeType, device, copy: true).Owned();
        }
    }

    /// <summary>Token ids to the final norm's output.</summary>
    /// <returns>[rows, hidden]; rows are the batch's tokens with each sequence's virtual tokens in front of it. Belongs to the caller's dispose scope.</returns>
    public Tensor Forward(IForwardContext context, SequenceBatch batch)
    {
        using var scope = NewDisposeScope();
        var layout = BatchLayout.Of(context, batch);
        context.UseRows(layout.TokenRows);
        var h = context.Project(LayerId.Embedding, layout.TokenIds(Device))[0]; // [tokens, hidden]
        h = layout.InsertVirtualTokens(context, h);                              // [rows, hidden]
        context.UseRows(layout.Rows);
        var rotary = _rotary.Rows(layout.Positions, ComputeType);
        var masks = layout.Masks(Device);
        foreach (var block in _blocks) h = block.Forward(context, h, layout, rotary, masks);
        return context.Normalize(new NormId(LayerId.OutsideBlocks, NormRole.Final), _norms[new NormId(LayerId.OutsideBlocks, NormRole.Final)], h)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Hidden rows to logits. <paramref name="rows"/> says which sequences the given rows belong to.</summary>
    /// <returns>[rows, vocabulary].</returns>
    public static Tensor Logits(IForwardContext context, Tensor hidden, IReadOnlyList<RowSpan> rows)
    {
        context.UseRows(rows);
        return context.Project(LayerId.Head, hidden)[0];
    }

    /// <summary>Frees norms and tables.</summary>
    public void Dispose()
    {
        foreach (var norm in _norms.Values)
        {
            norm.Weights.Weight.Dispose();
            norm.Weights.Bias?.Dispose();
        }
        _rotary.Dispose();
    }
}

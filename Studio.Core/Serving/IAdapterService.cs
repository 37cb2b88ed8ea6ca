using Studio.Core.Adapters;
using Studio.Core.Adapters.Composition;
using Studio.Core.Clients;
using Studio.Core.Storage;

namespace Studio.Core.Serving;

/// <summary>One tensor of an adapter.</summary>
/// <param name="Name">Key in adapter_model.safetensors.</param>
/// <param name="Shape">Shape.</param>
/// <param name="Norm">Euclidean norm of its values.</param>
public sealed record AdapterTensorInfo(string Name, IReadOnlyList<long> Shape, double Norm)
{
    /// <summary>Where in the model it acts.</summary>
    public TensorPlace Place { get; init; } = TensorPlace.OfName(Name);
}

/// <summary>Something that depends on an adapter.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
public sealed record AdapterUse(string Id, string Name);

/// <summary>What depends on an adapter.</summary>
/// <param name="Runs">Runs that train or trained it.</param>
/// <param name="Children">Adapters made from it.</param>
/// <param name="Answers">Answers that are being written with it at this moment.</param>
public sealed record AdapterUses(IReadOnlyList<AdapterUse> Runs, IReadOnlyList<AdapterUse> Children, int Answers);

/// <summary>Adapters to make one of.</summary>
public sealed record CombineAdapters
{
    /// <summary>Name of the result.</summary>
    public required string Name { get; init; }

    /// <summary>The adapters and their weights, 1 to 8, all of one base model.</summary>
    public required IReadOnlyList<ChatBlendPart> Members { get; init; }

    /// <summary>How.</summary>
    public CombinationKind Kind { get; init; } = CombinationKind.Concatenate;

    /// <summary>Rank of the result for the kinds over singular values; null = the largest of the members'.</summary>
    public int? Rank { get; init; }

    /// <summary>Part of the values that TIES, DARE and pruning keep, above 0 and at most 1.</summary>
    public double Density { get; init; } = 0.5;

    /// <summary>How TIES elects signs.</summary>
    public SignElection Signs { get; init; }

    /// <summary>Seed of what DARE drops.</summary>
    public long Seed { get; init; } = 42;
}

/// <summary>A combination that was written and read back.</summary>
/// <param name="Adapter">The adapter.</param>
/// <param name="Difference">Between its answers and the blend of the members.</param>
public sealed record CombinedAdapter(AdapterRecord Adapter, OutputDifference Difference);

/// <summary>A merged model that was written and read back.</summary>
/// <param name="Model">The model; it is not loaded.</param>
/// <param name="Difference">Between its answers and those of base and adapter.</param>
public sealed record MergedModel(ModelRecord Model, OutputDifference Difference);

/// <summary>Adapters.</summary>
public interface IAdapterService
{
    /// <summary>All adapters, newest first.</summary>
    Task<IReadOnlyList<AdapterRecord>> ListAsync(CancellationToken ct = default);

    /// <summary>One adapter.</summary>
    /// <exception cref="NotFoundException">No such adapter.</exception>
    Task<AdapterRecord> GetAsync(string id, CancellationToken ct = default);

    /// <summary>Creates an untrained adapter (seeded; its start equals the base).</summary>
    /// <exception cref="StudioException">The settings do not fit the model: rank, target modules, ...; Details lists every problem.</exception>
    Task<AdapterRecord> CreateAsync(string name, AdapterSpec spec, string modelId, long seed = 42, CancellationToken ct = default);

    /// <summary>Everything that is wrong with settings for a model; empty when nothing is.</summary>
    IReadOnlyList<string> Check(AdapterSpec spec, string modelId);

    /// <summary>What settings ask for that would learn nothing on a model, one sentence each; empty when nothing is, or while the settings are wrong.</summary>
    IReadOnlyList<string> Idle(AdapterSpec spec, string modelId);

    /// <summary>Number of trainable parameters that settings give on a model.</summary>
    long CountParameters(AdapterSpec spec, string modelId);

    /// <summary>Whether the adapter is in training now.</summary>
    bool IsTraining(string id);

    /// <summary>Its tensors as they are now.</summary>
    Task<IReadOnlyList<AdapterTensorInfo>> TensorsAsync(string id, CancellationToken ct = default);

    /// <summary>Renames it and replaces tags and notes.</summary>
    Task<AdapterRecord> UpdateAsync(string id, string name, IReadOnlyList<string> tags, string notes, CancellationToken ct = default);

    /// <summary>How it is spoken to; null where its files do not say and its base model is not loaded.</summary>
    /// <exception cref="StudioException">Its files are damaged.</exception>
    Task<AdapterChat?> ChatAsync(string id, CancellationToken ct = default);

    /// <summary>
    /// Writes a zip of the PEFT folder (adapter_config.json, adapter_model.safetensors) as the adapter is now, with the tokenizer's files, its chat
    /// template and its ends, so that transformers loads tokenizer and template from the same folder. Before it is handed out it is read back and
    /// compared with the adapter in memory on a few prompts.
    /// </summary>
    /// <returns>How far the answers of what was read back lie from the adapter's.</returns>
    /// <exception cref="StudioException">What was read back answers differently.</exception>
    Task<OutputDifference> ExportAsync(string id, Stream zip, CancellationToken ct = default);

    /// <summary>Makes one LoRA adapter of several adapters of one base model.</summary>
    /// <returns>The adapter, and how far its answers lie from the blend of the members with the same weights.</returns>
    /// <exception cref="StudioException">The kind cannot express the members; the message says why.</exception>
    Task<CombinedAdapter> CombineAsync(CombineAdapters request, CancellationToken ct = default);

    /// <summary>Writes the base model with the adapter merged into its weights as a model of the studio, and reads it back.</summary>
    /// <param name="id">The adapter, also one in training.</param>
    /// <param name="name">Name of the model; empty = made from both names.</param>
    /// <param name="progress">Receives how much is written, 0..1.</param>
    /// <param name="ct">Cancels; nothing is left behind.</param>
    /// <returns>The model, and how far its answers lie from those of base and adapter.</returns>
    /// <exception cref="StudioException">The adapter cannot be merged; the message says why.</exception>
    Task<MergedModel> MergeAsync(string id, string name = "", IProgress<double>? progress = null, CancellationToken ct = default);

    /// <summary>Takes the files of an adapter in, to look at them before a base model is chosen. Dispose what it answers.</summary>
    /// <exception cref="StudioException">They are no adapter, unsound, too large, pickled, or of a method that is not supported; the message says what and where.</exception>
    Task<StagedAdapter> StageAsync(AdapterPackage package, CancellationToken ct = default);

    /// <summary>Adds a staged adapter to the studio. Every tensor must fit the base model; when one does not, nothing is stored.</summary>
    /// <param name="staged">What <see cref="StageAsync"/> answered.</param>
    /// <param name="name">Name for people; empty = as its package.</param>
    /// <param name="modelId">A loaded base model.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="StudioException">It does not fit; Details lists the reasons: which module, which shape.</exception>
    Task<AdapterRecord> ImportAsync(StagedAdapter staged, string name, string modelId, CancellationToken ct = default);

    /// <summary>Copies an adapter as it is now, also in training. The copy names it as its parent.</summary>
    /// <param name="id">The adapter.</param>
    /// <param name="name">Name of the copy; empty = made from the adapter's.</param>
    /// <param name="ct">Cancels.</param>
    Task<AdapterRecord> DuplicateAsync(string id, string name = "", CancellationToken ct = default);

    /// <summary>What depends on it.</summary>
    Task<AdapterUses> UsesAsync(string id, CancellationToken ct = default);

    /// <summary>Its adapter_config.json as it lies on the disk.</summary>
    Task<string> ConfigAsync(string id, CancellationToken ct = default);

    /// <summary>Deletes an adapter and its files.</summary>
    /// <exception cref="StudioException">It is in training.</exception>
    Task DeleteAsync(string id, CancellationToken ct = default);

    /// <summary>Raised when the list or a record changed.</summary>
    event Action? Changed;
}

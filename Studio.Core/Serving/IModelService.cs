using Studio.Core.Execution;
using Studio.Core.Generation;
using Studio.Core.Hub;
using Studio.Core.Storage;

namespace Studio.Core.Serving;

/// <summary>A base model that is in memory.</summary>
/// <param name="Record">What is stored of it.</param>
/// <param name="Device">Where it is, for example "cpu".</param>
/// <param name="LoadedBytes">Bytes of its one copy.</param>
/// <param name="Clients">Runs and chats that use it now.</param>
public sealed record LoadedModelInfo(ModelRecord Record, string Device, long LoadedBytes, int Clients)
{
    /// <summary>How it generates where nobody chooses otherwise.</summary>
    public GenerationDefaults Defaults { get; init; } = GenerationDefaults.Studio;
}

/// <summary>A model on its way into memory.</summary>
/// <param name="Id">Id of this load, to cancel it by.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Progress">How much of its weights has been read, checked and converted, 0 to 1.</param>
public sealed record ModelLoading(string Id, string Folder, string Name, double Progress);

/// <summary>A model that the studio knows, loaded or not.</summary>
/// <param name="Record">What is stored of it.</param>
/// <param name="IsLoaded">Whether it is in memory.</param>
/// <param name="IsOwned">Whether its files lie in the data directory, because the studio downloaded them.</param>
/// <param name="IsThere">Whether its folder is there.</param>
/// <param name="Failure">Why it could not be loaded at start; null = it was, or was not to be.</param>
public sealed record KnownModel(ModelRecord Record, bool IsLoaded, bool IsOwned, bool IsThere, string? Failure);

/// <summary>Base models: any number loaded at once, one copy each.</summary>
public interface IModelService
{
    /// <summary>Raised when a model was loaded, unloaded, added, changed or removed, or loading went on.</summary>
    event Action? Changed;

    /// <summary>The loaded models; the first is the default.</summary>
    IReadOnlyList<LoadedModelInfo> Loaded { get; }

    /// <summary>Models that are being loaded, and those that wait for it.</summary>
    IReadOnlyList<ModelLoading> Loading { get; }

    /// <summary>Short names of the model's linear modules (q_proj, ...), for choosing targets.</summary>
    /// <exception cref="NotFoundException">The model is not loaded.</exception>
    IReadOnlyList<string> TargetModules(string modelId);

    /// <summary>What adapters can target on the model: the modules of its blocks, one entry for each name.</summary>
    /// <exception cref="NotFoundException">The model is not loaded.</exception>
    IReadOnlyList<TargetChoiceInfo> Targets(string modelId);

    /// <summary>Names of the runs and chats that use a model now, or wait for it.</summary>
    IReadOnlyList<string> UsersOf(string modelId);

    /// <summary>All models that the studio knows, newest first.</summary>
    Task<IReadOnlyList<KnownModel>> ListAsync(CancellationToken ct = default);

    /// <summary>One model: architecture, license, templates, files.</summary>
    /// <exception cref="NotFoundException">No such model.</exception>
    Task<ModelDetails> DetailsAsync(string modelId, CancellationToken ct = default);

    /// <summary>Models in the local cache of the Hugging Face libraries.</summary>
    /// <exception cref="StudioException">The cache cannot be read.</exception>
    Task<IReadOnlyList<CachedModel>> CacheAsync(CancellationToken ct = default);

    /// <summary>Loads a model folder in Hugging Face layout, in place, and remembers to load it at the next start. Loading the same weights again returns the loaded one.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="computeType">"auto", "float32" or "bfloat16".</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="StudioException">The folder is missing or unsound; the message says what and where.</exception>
    Task<ModelRecord> LoadAsync(string folder, string computeType = "auto", CancellationToken ct = default);

    /// <summary>Loads a model that the studio knows.</summary>
    /// <param name="modelId">The model.</param>
    /// <param name="computeType">"auto", "float32" or "bfloat16"; null = as the last time.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="NotFoundException">No such model.</exception>
    /// <exception cref="StudioException">Its folder is missing, unsound, or holds other weights by now.</exception>
    Task<ModelRecord> LoadKnownAsync(string modelId, string? computeType = null, CancellationToken ct = default);

    /// <summary>Gives up a load, whoever asked for it; nothing of it stays in memory. Whoever waits for it is refused with a <see cref="StudioException"/>.</summary>
    /// <param name="loadingId">Id of the load, see <see cref="Loading"/>.</param>
    /// <exception cref="NotFoundException">There is no such load; it may have ended.</exception>
    void CancelLoading(string loadingId);

    /// <summary>Unloads a model; it is not loaded at the next start either. Its files stay.</summary>
    /// <exception cref="NotFoundException">The model is not loaded.</exception>
    /// <exception cref="StudioException">It is in use; the message names by what.</exception>
    Task UnloadAsync(string modelId, CancellationToken ct = default);

    /// <summary>Says whether a model is loaded when the studio starts.</summary>
    /// <exception cref="NotFoundException">No such model.</exception>
    Task SetLoadAtStartAsync(string modelId, bool value, CancellationToken ct = default);

    /// <summary>Chooses what a loaded model's executor does when several clients want the same layer; acts on their next calls and is remembered.</summary>
    /// <exception cref="NotFoundException">The model is not loaded.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such policy.</exception>
    Task SetPolicyAsync(string modelId, BatchingPolicy policy, CancellationToken ct = default);

    /// <summary>Forgets a model that is not loaded. Files that the studio downloaded are deleted; every other folder stays.</summary>
    /// <exception cref="NotFoundException">No such model.</exception>
    /// <exception cref="StudioException">It is loaded.</exception>
    Task RemoveAsync(string modelId, CancellationToken ct = default);
}

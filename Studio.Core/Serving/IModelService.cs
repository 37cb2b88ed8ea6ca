using Studio.Core.Generation;
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

/// <summary>Base models: any number loaded at once, one copy each.</summary>
public interface IModelService
{
    /// <summary>The loaded models; the first is the default.</summary>
    IReadOnlyList<LoadedModelInfo> Loaded { get; }

    /// <summary>Short names of the model's linear modules (q_proj, ...), for choosing targets.</summary>
    /// <exception cref="NotFoundException">The model is not loaded.</exception>
    IReadOnlyList<string> TargetModules(string modelId);

    /// <summary>Loads a model folder in Hugging Face layout. Loading the same weights again returns the loaded one.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="computeType">"auto", "float32" or "bfloat16".</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="StudioException">The folder is missing or unsound; the message says what and where.</exception>
    Task<ModelRecord> LoadAsync(string folder, string computeType = "auto", CancellationToken ct = default);

    /// <summary>Unloads a model.</summary>
    /// <exception cref="StudioException">It is in use; the message names by what.</exception>
    Task UnloadAsync(string modelId, CancellationToken ct = default);
}

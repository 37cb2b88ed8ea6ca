using Studio.Core.Adapters;
using Studio.Core.Storage;

namespace Studio.Core.Serving;

/// <summary>One tensor of an adapter.</summary>
/// <param name="Name">Key in adapter_model.safetensors.</param>
/// <param name="Shape">Shape.</param>
/// <param name="Norm">Euclidean norm of its values.</param>
public sealed record AdapterTensorInfo(string Name, IReadOnlyList<long> Shape, double Norm);

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
    /// template and its ends, so that transformers loads tokenizer and template from the same folder.
    /// </summary>
    Task ExportAsync(string id, Stream zip, CancellationToken ct = default);

    /// <summary>Deletes an adapter and its files.</summary>
    /// <exception cref="StudioException">It is in training.</exception>
    Task DeleteAsync(string id, CancellationToken ct = default);

    /// <summary>Raised when the list or a record changed.</summary>
    event Action? Changed;
}

using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Data;
using Studio.Core.Execution;
using Studio.Core.Storage;
using Studio.Core.Text;

namespace Studio.Core.Runs;

/// <summary>A loaded base model as a run needs it.</summary>
/// <param name="Name">Name for people.</param>
/// <param name="Model">The model; it stays loaded while an unfinished run names it.</param>
/// <param name="Encoder">Its tokenizer and chat template.</param>
public sealed record RunBase(string Name, BaseModel Model, ChatEncoder Encoder);

/// <summary>The adapter that a run is about to train.</summary>
public sealed record RunAdapter
{
    /// <summary>Id that the adapter gets.</summary>
    public required string Id { get; init; }

    /// <summary>Name for people.</summary>
    public required string Name { get; init; }

    /// <summary>The run that trains it.</summary>
    public required string RunId { get; init; }

    /// <summary>A loaded base model.</summary>
    public required string ModelId { get; init; }

    /// <summary>What it is trained on.</summary>
    public required string DatasetId { get; init; }

    /// <summary>Its settings.</summary>
    public required AdapterSpec Spec { get; init; }

    /// <summary>Seed of its initial values.</summary>
    public required long Seed { get; init; }
}

/// <summary>Keeps an adapter in memory while a run trains it. Chats use the same instance.</summary>
public interface IAdapterLease : IAsyncDisposable
{
    /// <summary>The one copy of the adapter.</summary>
    AdapterInstance Instance { get; }

    /// <summary>Replaces the adapter's files by its values of this moment, all or nothing.</summary>
    /// <exception cref="IOException">The disk refused (it is full, or may not be written); the old files are still there.</exception>
    Task SaveAsync(CancellationToken ct = default);
}

/// <summary>What runs need from the engine around them.</summary>
public interface IRunEnvironment
{
    /// <summary>A loaded base model, or null.</summary>
    RunBase? FindModel(string modelId);

    /// <summary>A data set, or null.</summary>
    Task<DatasetRecord?> FindDatasetAsync(string datasetId, CancellationToken ct = default);

    /// <summary>All usable rows of a data set.</summary>
    /// <exception cref="NotFoundException">No such data set.</exception>
    /// <exception cref="IOException">Its file cannot be read.</exception>
    Task<IReadOnlyList<DatasetRow>> ReadRowsAsync(string datasetId, CancellationToken ct = default);

    /// <summary>Builds a run's adapter with its seeded initial values, stores its record and files, and holds it for the run.</summary>
    /// <exception cref="StudioException">The settings do not fit the model.</exception>
    /// <exception cref="IOException">The disk refused.</exception>
    Task<IAdapterLease> CreateAdapterAsync(RunAdapter adapter, CancellationToken ct = default);
}

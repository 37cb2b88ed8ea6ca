using Studio.Core.Adapters;
using Studio.Core.Storage;

namespace Studio.Web.Api;

/// <summary>An adapter.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Name for people.</param>
/// <param name="ModelId">Base model that it was made for.</param>
/// <param name="ModelFingerprint">Weights that it was made for.</param>
/// <param name="RunId">Run that trains or trained it, if any.</param>
/// <param name="DatasetId">Data set that it was trained on, if any.</param>
/// <param name="ParentId">Adapter that it was made from, if any.</param>
/// <param name="Source">created, run, import or copy.</param>
/// <param name="SourceName">Name of the file or folder that it was imported from; empty for others.</param>
/// <param name="InTraining">Whether its run has not ended.</param>
/// <param name="TrainableParameters">Number of trainable parameters.</param>
/// <param name="Bytes">Size of its files.</param>
/// <param name="Settings">Method, rank, target modules and so on.</param>
/// <param name="Tags">Free labels.</param>
/// <param name="Notes">Free text.</param>
/// <param name="CreatedAt">When it was made, UTC.</param>
/// <param name="UpdatedAt">When its files last changed, UTC.</param>
public sealed record AdapterDto(string Id, string Name, string ModelId, string ModelFingerprint, string? RunId, string? DatasetId, string? ParentId, string Source, string SourceName, bool InTraining,
    long TrainableParameters, long Bytes, AdapterSpec? Settings, IReadOnlyList<string> Tags, string Notes, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>From what is stored.</summary>
    public static AdapterDto Of(AdapterRecord record, bool inTraining)
    {
        ArgumentNullException.ThrowIfNull(record);
        return new(record.Id, record.Name, record.BaseModelId, record.BaseFingerprint, record.RunId, record.DatasetId, record.ParentId, record.Source, record.SourceName, inTraining,
            record.TrainableParameters, record.Bytes, AdapterSpecJson.Read(record.Spec), record.Tags, record.Notes, record.CreatedAt, record.UpdatedAt);
    }
}

/// <summary>Body of a request to create an untrained adapter.</summary>
/// <param name="Name">Name for people.</param>
/// <param name="ModelId">A loaded base model; absent = the default.</param>
/// <param name="Settings">Method, rank, target modules and so on.</param>
/// <param name="Seed">Seed of its initial values; absent = 42.</param>
public sealed record CreateAdapterBody(string? Name = null, string? ModelId = null, AdapterSpec? Settings = null, long? Seed = null);

/// <summary>Body of a request to copy an adapter.</summary>
/// <param name="Name">Name of the copy; absent = made from the adapter's.</param>
public sealed record DuplicateAdapterBody(string? Name = null);

using Studio.Core.Serving;

namespace Studio.Web.FineTunes;

/// <summary>Names of models and datasets by id; what is gone keeps its id.</summary>
/// <param name="Models">Models.</param>
/// <param name="Datasets">Datasets.</param>
public sealed record RunNames(IReadOnlyDictionary<string, string> Models, IReadOnlyDictionary<string, string> Datasets)
{
    /// <summary>No names yet.</summary>
    public static RunNames None { get; } = new(new Dictionary<string, string>(), new Dictionary<string, string>());

    /// <summary>Reads the names of this moment.</summary>
    public static async Task<RunNames> ReadAsync(IModelService models, IDatasetService datasets, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(datasets);
        var known = await datasets.ListAsync(ct);
        return new RunNames(
            models.Loaded.ToDictionary(model => model.Record.Id, model => model.Record.Name),
            known.ToDictionary(dataset => dataset.Id, dataset => dataset.Name));
    }

    public string Model(string id) => Models.GetValueOrDefault(id, id);

    public string Dataset(string id) => Datasets.GetValueOrDefault(id, id);
}

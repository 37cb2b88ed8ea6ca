using System.Globalization;

namespace Studio.Web.Datasets;

/// <summary>What a data set's page shows. It lives in the page's address, so a reload or a link shows the same.</summary>
public sealed record PreviewState
{
    /// <summary>Longest row that is marked unless told otherwise: what a fine-tune takes by default.</summary>
    public const int DefaultLength = 512;

    /// <summary>The data set.</summary>
    public required string DatasetId { get; init; }

    /// <summary>The base model whose tokens are shown; null = the first that is loaded.</summary>
    public string? ModelId { get; init; }

    /// <summary>Row, from 1.</summary>
    public long Row { get; init; } = 1;

    /// <summary>Tokens after which training would cut a row, at least 2.</summary>
    public int Length { get; init; } = DefaultLength;

    /// <summary>Reads an address; what is missing or makes no sense gets its default.</summary>
    public static PreviewState Parse(string datasetId, string? model, string? row, string? length) => new()
    {
        DatasetId = datasetId,
        ModelId = string.IsNullOrWhiteSpace(model) ? null : model,
        Row = long.TryParse(row, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : 1,
        Length = int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var tokens) && tokens > 1 ? tokens : DefaultLength,
    };

    /// <summary>The address of this state.</summary>
    public string ToUri()
    {
        var query = new List<string>();
        if (ModelId is not null)
            query.Add("model=" + Uri.EscapeDataString(ModelId));
        if (Row != 1)
            query.Add(string.Create(CultureInfo.InvariantCulture, $"row={Row}"));
        if (Length != DefaultLength)
            query.Add(string.Create(CultureInfo.InvariantCulture, $"length={Length}"));
        return $"/datasets/{Uri.EscapeDataString(DatasetId)}{(query.Count > 0 ? "?" + string.Join('&', query) : "")}";
    }
}

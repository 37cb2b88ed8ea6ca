using Studio.Core.Serving;
using Studio.Core.Storage;

namespace Studio.Web.Api;

/// <summary>A data set.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Name for people.</param>
/// <param name="FileName">Name of the file that was brought.</param>
/// <param name="Schema">Layout of its rows: messages, sharegpt, promptcompletion, instruction or text.</param>
/// <param name="Rows">Usable rows.</param>
/// <param name="BadRows">Lines that were refused.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Source">sample or upload.</param>
/// <param name="CreatedAt">When it came, UTC.</param>
public sealed record DatasetDto(string Id, string Name, string FileName, string Schema, long Rows, long BadRows, long Bytes, string Source, DateTimeOffset CreatedAt)
{
    /// <summary>From what is stored.</summary>
    public static DatasetDto Of(DatasetRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return new(record.Id, record.Name, record.FileName, record.Schema, record.Rows, record.BadRows, record.Bytes, record.Source, record.CreatedAt);
    }
}

/// <summary>A data set with the lines that are not used.</summary>
/// <param name="Dataset">The data set.</param>
/// <param name="Problems">The first hundred refused lines: line counted from 1, and what was found and wanted there.</param>
/// <param name="ProblemCount">How many lines were refused.</param>
public sealed record DatasetDetailDto(DatasetDto Dataset, IReadOnlyList<DatasetProblem> Problems, long ProblemCount);

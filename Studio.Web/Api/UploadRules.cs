namespace Studio.Web.Api;

/// <summary>What an endpoint takes as a file.</summary>
/// <param name="RawTypes">Content types of a file that is the whole body.</param>
/// <param name="Bytes">Most bytes, with the multipart frame if there is one.</param>
/// <param name="FallbackName">Name of a file that has none.</param>
/// <param name="Fields">Fields that a form may have beside <c>file</c>.</param>
public sealed record UploadRules(IReadOnlyList<string> RawTypes, long Bytes, string FallbackName, IReadOnlyList<string> Fields)
{
    /// <summary>A data set as JSON lines.</summary>
    public static UploadRules Dataset { get; } = new(["application/jsonl", "application/x-ndjson", "application/x-jsonlines"], RequestLimits.DatasetBytes, "upload.jsonl", ["name"]);

    /// <summary>An adapter as a zip.</summary>
    public static UploadRules Adapter { get; } = new(["application/zip", "application/x-zip-compressed"], RequestLimits.AdapterBytes, "upload.zip", ["name", "modelId"]);
}

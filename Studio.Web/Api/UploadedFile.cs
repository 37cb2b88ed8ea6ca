using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Studio.Web.Api;

/// <summary>A file in a request: one part of a multipart form, or the whole body.</summary>
/// <param name="Name">Name for people; empty = made from the file's.</param>
/// <param name="FileName">The file's name, without a path.</param>
/// <param name="Content">The file, read once.</param>
public sealed record UploadedFile(string Name, string FileName, Stream Content) : IAsyncDisposable
{
    private static readonly string[] RawTypes = ["application/jsonl", "application/x-ndjson", "application/x-jsonlines"];

    /// <summary>Opens the file that a request carries.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">Name of the data set from the address; a form may have it as its field <c>name</c>.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="ApiException">415: another kind of body; 400: a form without exactly one file, or an over-long name.</exception>
    public static async Task<UploadedFile> OpenAsync(HttpRequest request, string? name, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        string type = MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed.MediaType.ToString() : "";
        if (RawTypes.Contains(type, StringComparer.OrdinalIgnoreCase))
            return Checked(new UploadedFile(name ?? "", name is { Length: > 0 } ? name : "upload.jsonl", request.Body));
        if (!type.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, $"Content-Type is '{request.ContentType}'; wanted multipart/form-data with a file, or the file as application/jsonl or application/x-ndjson.");
        var form = await FormAsync(request, ct);
        if (form.Files.Count != 1) throw new ApiException(StatusCodes.Status400BadRequest, $"The form has {form.Files.Count} files; expected one, in the field 'file'.");
        var odd = form.Keys.Where(key => key != "name").Concat(form.Files.Select(file => file.Name).Where(key => key != "file")).ToList();
        ApiException.ThrowIfAny([.. odd.Select(key => $"The form has the field '{key}'; expected 'file' (the file) and 'name'.")]);
        string chosen = form["name"].ToString() is { Length: > 0 } field ? field : name ?? "";
        return Checked(new UploadedFile(chosen, Path.GetFileName(form.Files[0].FileName.Replace('\\', '/')), form.Files[0].OpenReadStream()));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Content.DisposeAsync();

    private static async Task<IFormCollection> FormAsync(HttpRequest request, CancellationToken ct)
    {
        try
        {
            request.HttpContext.Features.Set<IFormFeature>(new FormFeature(request, new FormOptions { MultipartBodyLengthLimit = RequestLimits.DatasetBytes }));
            return await request.ReadFormAsync(ct);
        }
        catch (InvalidDataException error)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, $"The form cannot be read: {error.Message}");
        }
        catch (IOException error) when (error is not BadHttpRequestException)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, $"The form cannot be read: {error.Message}");
        }
    }

    private static UploadedFile Checked(UploadedFile file)
    {
        if (file.Name.Length > RequestLimits.NameLength || file.FileName.Length > RequestLimits.NameLength)
            throw new ApiException(StatusCodes.Status400BadRequest, $"The name has {Math.Max(file.Name.Length, file.FileName.Length)} characters; expected at most {RequestLimits.NameLength}.");
        return file.FileName.Length > 0 ? file : file with { FileName = "upload.jsonl" };
    }
}

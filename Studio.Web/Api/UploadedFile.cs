using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Studio.Web.Api;

/// <summary>A file in a request: one part of a multipart form, or the whole body.</summary>
/// <param name="Name">Name for people; empty = made from the file's.</param>
/// <param name="FileName">The file's name, without a path.</param>
/// <param name="Content">The file, read once.</param>
public sealed record UploadedFile(string Name, string FileName, Stream Content) : IAsyncDisposable
{
    /// <summary>The form's other fields; empty where the file is the whole body.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; init; } = new Dictionary<string, string>();

    /// <summary>Opens the file that a request carries.</summary>
    /// <param name="request">The request.</param>
    /// <param name="rules">What is taken.</param>
    /// <param name="name">Name for people from the address; a form may have it as its field <c>name</c>.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="ApiException">415: another kind of body; 400: a form without exactly one file, or an over-long name.</exception>
    public static async Task<UploadedFile> OpenAsync(HttpRequest request, UploadRules rules, string? name, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(rules);
        string type = MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed.MediaType.ToString() : "";
        if (rules.RawTypes.Contains(type, StringComparer.OrdinalIgnoreCase))
            return Checked(new UploadedFile(name ?? "", name is { Length: > 0 } ? name : rules.FallbackName, request.Body), rules);
        if (!type.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, $"Content-Type is '{request.ContentType}'; wanted multipart/form-data with a file, or the file as {string.Join(" or ", rules.RawTypes.Take(2))}.");
        var form = await FormAsync(request, rules, ct);
        if (form.Files.Count != 1) throw new ApiException(StatusCodes.Status400BadRequest, $"The form has {form.Files.Count} files; expected one, in the field 'file'.");
        var odd = form.Keys.Where(key => !rules.Fields.Contains(key)).Concat(form.Files.Select(file => file.Name).Where(key => key != "file")).ToList();
        ApiException.ThrowIfAny([.. odd.Select(key => $"The form has the field '{key}'; expected 'file' (the file) and {string.Join(" and ", rules.Fields.Select(field => $"'{field}'"))}.")]);
        string chosen = form["name"].ToString() is { Length: > 0 } field ? field : name ?? "";
        return Checked(new UploadedFile(chosen, Path.GetFileName(form.Files[0].FileName.Replace('\\', '/')), form.Files[0].OpenReadStream())
        {
            Fields = form.ToDictionary(field => field.Key, field => field.Value.ToString(), StringComparer.Ordinal),
        }, rules);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Content.DisposeAsync();

    private static async Task<IFormCollection> FormAsync(HttpRequest request, UploadRules rules, CancellationToken ct)
    {
        try
        {
            request.HttpContext.Features.Set<IFormFeature>(new FormFeature(request, new FormOptions { MultipartBodyLengthLimit = rules.Bytes }));
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

    private static UploadedFile Checked(UploadedFile file, UploadRules rules)
    {
        RequestLimits.RequireName(file.Name.Length > file.FileName.Length ? file.Name : file.FileName);
        return file.FileName.Length > 0 ? file : file with { FileName = rules.FallbackName };
    }
}

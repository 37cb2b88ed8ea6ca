using System.Globalization;
using System.Net.Mime;
using Microsoft.AspNetCore.Http.HttpResults;
using Studio.Core.Clients;
using Studio.Core.Serving;
using Studio.Core.Storage;

namespace Studio.Web.Api;

/// <summary>Sends an adapter as a zip of the folder that the PEFT library reads.</summary>
public static class AdapterExportEndpoint
{
    /// <summary>Header with the largest difference of a logit between the adapter and its files, read back.</summary>
    public const string DifferenceHeader = "Studio-Largest-Difference";

    /// <summary>Address of an adapter's export.</summary>
    public static string PathOf(string id) => $"{StudioApi.Path}/adapters/{Uri.EscapeDataString(id)}/export";

    /// <summary>Maps <c>GET /adapters/{id}/export</c>; failures are answered by <see cref="ApiErrors"/>.</summary>
    public static void MapAdapterExport(this IEndpointRouteBuilder api) =>
        api.MapGet("/adapters/{id}/export", ExportAsync)
            .WithTags("Adapters")
            .WithName("ExportAdapter")
            .WithSummary("The adapter as it is now, as a zip with adapter_config.json and adapter_model.safetensors.")
            .WithMetadata(new RefusalStatus(StatusCodes.Status409Conflict));

    private static async Task<FileStreamHttpResult> ExportAsync(string id, HttpResponse response, IAdapterService adapters, CancellationToken ct)
    {
        var adapter = await adapters.GetAsync(id, ct);
        var (zip, difference) = await ZipAsync(id, adapters, ct);
        response.Headers[DifferenceHeader] = difference.Largest.ToString("R", CultureInfo.InvariantCulture);
        return TypedResults.Stream(zip, MediaTypeNames.Application.Zip, FileNameOf(adapter));
    }

    // Through a file: a zip that fails half-way is then an answer that says so, not a damaged download.
    private static async Task<(Stream Zip, OutputDifference Difference)> ZipAsync(string id, IAdapterService adapters, CancellationToken ct)
    {
        var path = Path.Combine(Path.GetTempPath(), $"studio-export-{Guid.NewGuid():N}.zip");
        var zip = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
        try
        {
            var difference = await adapters.ExportAsync(id, zip, ct);
            zip.Position = 0;
            return (zip, difference);
        }
        catch
        {
            await zip.DisposeAsync();
            throw;
        }
    }

    // What any system takes as the name of a file.
    private static string FileNameOf(AdapterRecord adapter)
    {
        var name = string.Concat(adapter.Name.Select(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '-')).Trim('-', '.');
        return (name.Length > 0 ? name : adapter.Id) + ".zip";
    }
}

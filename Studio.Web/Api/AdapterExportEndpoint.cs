using System.Net.Mime;
using Microsoft.AspNetCore.Http.HttpResults;
using Studio.Core;
using Studio.Core.Serving;
using Studio.Core.Storage;

namespace Studio.Web.Api;

/// <summary>Sends an adapter as a zip of the folder that the PEFT library reads.</summary>
public static class AdapterExportEndpoint
{
    private const string Route = "/api/adapters/{id}/export";

    /// <summary>Address of an adapter's export.</summary>
    public static string PathOf(string id) => $"/api/adapters/{Uri.EscapeDataString(id)}/export";

    /// <summary>Maps <c>GET /api/adapters/{id}/export</c>.</summary>
    public static void MapAdapterExport(this IEndpointRouteBuilder routes) =>
        routes.MapGet(Route, ExportAsync)
            .WithName("ExportAdapter")
            .WithSummary("The adapter as it is now, as a zip with adapter_config.json and adapter_model.safetensors.")
            .Produces(StatusCodes.Status200OK, contentType: MediaTypeNames.Application.Zip)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> ExportAsync(string id, IAdapterService adapters, CancellationToken ct)
    {
        try
        {
            var adapter = await adapters.GetAsync(id, ct);
            return TypedResults.Stream(await ZipAsync(id, adapters, ct), MediaTypeNames.Application.Zip, FileNameOf(adapter));
        }
        catch (NotFoundException missing)
        {
            return Problem(missing.Message, StatusCodes.Status404NotFound);
        }
        catch (Exception refused) when (refused is StudioException or StorageException)
        {
            return Problem(refused.Message, StatusCodes.Status409Conflict);
        }
        catch (IOException failed)
        {
            return Problem(failed.Message, StatusCodes.Status500InternalServerError);
        }
    }

    // Through a file: a zip that fails half-way is then an answer that says so, not a damaged download.
    private static async Task<Stream> ZipAsync(string id, IAdapterService adapters, CancellationToken ct)
    {
        var path = Path.Combine(Path.GetTempPath(), $"studio-export-{Guid.NewGuid():N}.zip");
        var zip = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
        try
        {
            await adapters.ExportAsync(id, zip, ct);
            zip.Position = 0;
            return zip;
        }
        catch
        {
            await zip.DisposeAsync();
            throw;
        }
    }

    private static ProblemHttpResult Problem(string message, int status) => TypedResults.Problem(message, statusCode: status, title: "The adapter cannot be exported.");

    // What any system takes as the name of a file.
    private static string FileNameOf(AdapterRecord adapter)
    {
        var name = string.Concat(adapter.Name.Select(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '-')).Trim('-', '.');
        return (name.Length > 0 ? name : adapter.Id) + ".zip";
    }
}

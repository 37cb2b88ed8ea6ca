using System.Net.Mime;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
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

    private static async Task<Results<EmptyHttpResult, ProblemHttpResult>> ExportAsync(string id, HttpResponse response, IAdapterService adapters, CancellationToken ct)
    {
        try
        {
            var adapter = await adapters.GetAsync(id, ct);
            var disposition = new ContentDispositionHeaderValue("attachment");
            disposition.SetHttpFileName(FileNameOf(adapter));
            response.ContentType = MediaTypeNames.Application.Zip;
            response.Headers.ContentDisposition = disposition.ToString();
            await adapters.ExportAsync(id, response.Body, ct);
            return TypedResults.Empty;
        }
        catch (NotFoundException missing) when (!response.HasStarted)
        {
            return Problem(response, missing.Message, StatusCodes.Status404NotFound);
        }
        catch (Exception refused) when (refused is StudioException or StorageException && !response.HasStarted)
        {
            return Problem(response, refused.Message, StatusCodes.Status409Conflict);
        }
    }

    private static ProblemHttpResult Problem(HttpResponse response, string message, int status)
    {
        response.Headers.ContentDisposition = default;
        return TypedResults.Problem(message, statusCode: status, title: "The adapter cannot be exported.");
    }

    // What any system takes as the name of a file.
    private static string FileNameOf(AdapterRecord adapter)
    {
        var name = string.Concat(adapter.Name.Select(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' or '.' ? letter : '-')).Trim('-', '.');
        return (name.Length > 0 ? name : adapter.Id) + ".zip";
    }
}

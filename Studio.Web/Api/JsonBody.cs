using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace Studio.Web.Api;

/// <summary>A JSON body, read so that whoever sent a wrong one learns where it is wrong.</summary>
/// <typeparam name="T">Its shape.</typeparam>
[SuppressMessage("Design", "CA1000", Justification = "The framework binds a parameter through static members of its type.")]
public sealed class JsonBody<T> : IEndpointParameterMetadataProvider
    where T : class
{
    private JsonBody(T value) => Value = value;

    /// <summary>What was sent.</summary>
    public T Value { get; }

    /// <summary>Reads the body of a request.</summary>
    /// <exception cref="ApiException">415: it is not JSON by its type; 400: it is malformed, or not of the wanted shape.</exception>
    public static async ValueTask<JsonBody<T>?> BindAsync(HttpContext context, ParameterInfo parameter)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!context.Request.HasJsonContentType())
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, $"Content-Type is '{context.Request.ContentType}'; wanted application/json.");
        var options = context.RequestServices.GetRequiredService<IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions>>().Value.SerializerOptions;
        try
        {
            var value = await context.Request.ReadFromJsonAsync<T>(options, context.RequestAborted)
                ?? throw new ApiException(StatusCodes.Status400BadRequest, "The body is null; wanted a JSON object.");
            return new JsonBody<T>(value);
        }
        catch (JsonException error)
        {
            throw new ApiException(StatusCodes.Status400BadRequest, JsonFindings.Describe(error));
        }
        catch (NotSupportedException error)
        {
            // A choice of shapes (the adapter's settings) without the member that chooses.
            throw new ApiException(StatusCodes.Status400BadRequest, JsonFindings.DescribeUnchosen(error));
        }
    }

    /// <inheritdoc/>
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Metadata.Add(new AcceptsMetadata(["application/json"], typeof(T)));
        builder.Metadata.Add(new RequestSizeLimitAttribute(RequestLimits.JsonBytes));
    }
}

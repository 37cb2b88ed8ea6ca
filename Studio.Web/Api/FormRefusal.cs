namespace Studio.Web.Api;

/// <summary>Marks an endpoint that takes a form.</summary>
public sealed record AcceptsForm;

/// <summary>
/// A web page of another site can send three kinds of bodies without asking this server first: text/plain and the two kinds of forms. The
/// origin check refuses such requests already; where a form means nothing, its kind is refused as well.
/// </summary>
public sealed class FormRefusal : IEndpointFilter
{
    private static readonly string[] Kinds = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"];

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(next);
        var http = context.HttpContext;
        string kind = (http.Request.ContentType ?? "").Split(';')[0].Trim();
        if (Kinds.Contains(kind, StringComparer.OrdinalIgnoreCase) && http.GetEndpoint()?.Metadata.GetMetadata<AcceptsForm>() is null)
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, $"Content-Type is '{kind}'; wanted application/json, or none where there is no body.");
        return next(context);
    }
}

namespace Studio.Web.Api;

/// <summary>A request that the API itself refuses, before a service is asked.</summary>
/// <param name="status">HTTP status of the answer.</param>
/// <param name="message">The sentence to show: what was found, where, what was wanted.</param>
/// <param name="errors">Every finding; null = the message alone.</param>
public sealed class ApiException(int status, string message, IReadOnlyList<string>? errors = null) : Exception(message)
{
    /// <summary>HTTP status of the answer.</summary>
    public int Status { get; } = status;

    /// <summary>Every finding, one sentence each.</summary>
    public IReadOnlyList<string> Errors { get; } = errors is { Count: > 0 } ? errors : [message];

    /// <summary>Refuses a request that has findings; does nothing when there are none.</summary>
    /// <exception cref="ApiException">There are findings; status 400.</exception>
    public static void ThrowIfAny(IReadOnlyList<string> findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        if (findings.Count > 0) throw new ApiException(StatusCodes.Status400BadRequest, findings[0], findings);
    }
}

namespace Studio.Web.Security;

/// <summary>Why a request is refused.</summary>
/// <param name="StatusCode">HTTP status of the answer.</param>
/// <param name="Reason">What was found and what was wanted.</param>
public sealed record Refusal(int StatusCode, string Reason);

/// <summary>
/// The rules that keep other web sites out of a server that trusts everybody on this machine: a name that an attacker
/// points at 127.0.0.1 (DNS rebinding) fails on Host, a form or script of another site fails on Origin or Sec-Fetch-Site.
/// </summary>
public static class RequestRules
{
    /// <summary>Returns null when the request may pass.</summary>
    /// <param name="request">The request, before routing.</param>
    /// <param name="localPort">Port of the connection that carries it.</param>
    public static Refusal? Check(HttpRequest request, int localPort) => CheckHost(request, localPort) ?? CheckSite(request);

    private static Refusal? CheckHost(HttpRequest request, int localPort)
    {
        var port = request.Host.Port ?? (request.IsHttps ? 443 : 80);
        return request.Host.HasValue && LoopbackHost.Matches(request.Host.Host) && port == localPort
            ? null
            : new Refusal(StatusCodes.Status400BadRequest,
                $"Host is '{request.Host}'; wanted localhost or a loopback address with port {localPort}. " +
                "When the port is forwarded, forward it under the same number.");
    }

    private static Refusal? CheckSite(HttpRequest request)
    {
        var expected = $"{request.Scheme}://{request.Host}";
        foreach (var origin in request.Headers.Origin)
        {
            if (!string.Equals(origin, expected, StringComparison.OrdinalIgnoreCase))
                return new Refusal(StatusCodes.Status403Forbidden, $"Origin is '{origin}'; wanted {expected}.");
        }
        // A link from another site may open a page; nothing else may come from one.
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        var opensPage = HttpMethods.IsGet(request.Method) && request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document";
        return site is "cross-site" or "same-site" && !opensPage
            ? new Refusal(StatusCodes.Status403Forbidden, $"Sec-Fetch-Site is '{site}'; wanted a request of the studio's own pages.")
            : null;
    }
}

using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Studio.Core.Hub;

/// <summary>An answer with its body still to be read, and what the Hub itself said of the file before it sent us elsewhere.</summary>
internal sealed record HubAnswer(HttpResponseMessage Response, string? LinkedTag) : IDisposable
{
    public void Dispose() => Response.Dispose();
}

/// <summary>
/// GET requests to the Hub. Redirects are followed here and not by the framework, because the token goes to the Hub's own host and nowhere else:
/// large files lie on hosts of others. Failures that may pass are <see cref="HubTransientException"/>.
/// </summary>
internal sealed class HubHttp(HubOptions options) : IDisposable
{
    private const int MostRedirects = 8;

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(20),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Asks for an address below the Hub's.</summary>
    /// <param name="path">Path relative to the Hub's address.</param>
    /// <param name="repo">What it is about, for messages.</param>
    /// <param name="token">Token; null = that of the options.</param>
    /// <param name="offset">First byte that is wanted.</param>
    /// <param name="tag">Entity tag under which the bytes before came; null = none is known.</param>
    /// <param name="ct">Cancels.</param>
    public async Task<HubAnswer> GetAsync(string path, HubRepo repo, string? token, long offset, string? tag, CancellationToken ct)
    {
        var address = new Uri(options.Endpoint, path);
        string? linked = null;
        for (int hop = 0; hop <= MostRedirects; hop++)
        {
            var response = await SendAsync(address, token ?? options.Token, offset, tag, ct).ConfigureAwait(false);
            linked ??= response.Headers.TryGetValues("X-Linked-ETag", out var values) ? Unquoted(values.First()) : null;
            if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable) return new HubAnswer(response, linked);
            using (response)
            {
                if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
                    throw Refusal(response, repo, token ?? options.Token);
                var next = new Uri(address, location);
                if (next.Scheme is not ("http" or "https") || (address.Scheme == "https" && next.Scheme == "http"))
                    throw new HubException(HubFailure.BadAnswer, $"The Hub sends '{repo.Id}' on to an address that is not secure ({next.Scheme}://{next.Host}).");
                address = next;
            }
        }
        throw new HubException(HubFailure.BadAnswer, $"The Hub sends '{repo.Id}' on more than {MostRedirects} times.");
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> SendAsync(Uri address, string? token, long offset, string? tag, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("symbiosis-studio", "1.0"));
        if (token is not null && IsHub(address)) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Checked(token, address)}");
        if (offset > 0)
        {
            request.Headers.Range = new RangeHeaderValue(offset, null);
            if (tag is not null) request.Headers.TryAddWithoutValidation("If-Range", tag);
        }
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(ct);
        silence.CancelAfter(options.Silence);
        try
        {
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!ct.IsCancellationRequested)
        {
            throw new HubTransientException($"{address.Host} did not answer for {options.Silence.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} seconds.", inner: error);
        }
        catch (HttpRequestException error)
        {
            throw new HubTransientException($"{address.Host} cannot be reached: {error.Message}", inner: error);
        }
    }

    // Scheme, host and port: another port is another server.
    private bool IsHub(Uri address) => Uri.Compare(address, options.Endpoint, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static string Checked(string token, Uri address)
    {
        if (token.Any(c => c is <= ' ' or > '~')) throw new HubException(HubFailure.Malformed, "The token holds characters that no token has; copy it again from the Hub's settings.");
        return address.Scheme == "https" || address.IsLoopback ? token
            : throw new HubException(HubFailure.AccessDenied, $"The token is not sent to {address.Host}, because its address begins with http: anybody on the way could read it. Use an https address in HF_ENDPOINT.");
    }

    private Exception Refusal(HttpResponseMessage response, HubRepo repo, string? token)
    {
        int status = (int)response.StatusCode;
        string code = response.Headers.TryGetValues("X-Error-Code", out var values) ? values.First() : "";
        string page = new Uri(options.Endpoint, repo.PagePath).ToString();
        return status switch
        {
            401 or 403 when code == "GatedRepo" => new HubException(HubFailure.AccessDenied,
                $"'{repo.Id}' is gated. Accept its terms at {page}, then {(token is null ? "give a token of that account" : "try again with a token of that account")}."),
            401 when token is null => new HubException(HubFailure.AccessDenied, $"The Hub shows '{repo.Id}' to nobody without a token: it is private or gated, or there is no such repository. Give a token (or set HF_TOKEN), or check the id."),
            401 => new HubException(HubFailure.AccessDenied, $"The Hub refuses the token for '{repo.Id}': it is invalid or expired, or there is no such repository."),
            403 => new HubException(HubFailure.AccessDenied, $"The Hub forbids '{repo.Id}' to this {(token is null ? "request; give a token of an account that may read it" : "token; its account may not read it")}. Its page is {page}."),
            404 when code == "RevisionNotFound" => new HubException(HubFailure.NotFound, $"'{repo.Id}' has no revision '{repo.Revision}'."),
            404 => new HubException(HubFailure.NotFound, $"The Hub has nothing at '{repo.Id}' in revision '{repo.Revision}'. Check the id and the revision."),
            408 or 429 or >= 500 => new HubTransientException(status == 429 ? "The Hub asks for fewer requests (429)." : $"The Hub answered with status {status}.", WaitOf(response)),
            _ => new HubException(HubFailure.BadAnswer, $"The Hub answered with status {status} for '{repo.Id}'."),
        };
    }

    private static TimeSpan? WaitOf(HttpResponseMessage response) =>
        response.Headers.RetryAfter is not { } after ? null
        : after.Delta ?? (after.Date is { } date && date - DateTimeOffset.UtcNow is { Ticks: > 0 } until ? until : TimeSpan.Zero);

    internal static string Unquoted(string tag) => (tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag).Trim('"');
}

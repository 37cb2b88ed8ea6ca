using System.Net;
using System.Net.Sockets;
using Studio.Web.Security;

namespace Studio.Web.Hosting;

/// <summary>Where the studio listens, and what the user should know about that choice.</summary>
/// <param name="Urls">Loopback addresses for Kestrel.</param>
/// <param name="Notice">A sentence for the terminal, or null.</param>
public sealed record ListenAddresses(IReadOnlyList<string> Urls, string? Notice)
{
    /// <summary>The port that is tried first.</summary>
    public const int DefaultPort = 5210;

    private const int PortsTried = 50;

    /// <summary>
    /// Takes <c>urls</c> and <c>Kestrel:Endpoints</c> from the configuration; without <c>urls</c>, the first free port from 5210.
    /// </summary>
    /// <exception cref="StartupException">An address is malformed or reachable from other machines, or no port is free.</exception>
    public static ListenAddresses From(IConfiguration configuration) => From(configuration, IsFree);

    /// <inheritdoc cref="From(IConfiguration)"/>
    public static ListenAddresses From(IConfiguration configuration, Func<int, bool> isFree)
    {
        foreach (var endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren())
            RequireLoopback(endpoint["Url"] ?? "", $"Kestrel:Endpoints:{endpoint.Key}:Url");

        var urls = (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var url in urls)
            RequireLoopback(url, "urls");
        return urls.Length > 0 ? new ListenAddresses(urls, null) : Default(isFree);
    }

    private static ListenAddresses Default(Func<int, bool> isFree)
    {
        var port = Enumerable.Range(DefaultPort, PortsTried).FirstOrDefault(isFree);
        if (port == 0)
            throw new StartupException(
                $"ports {DefaultPort} to {DefaultPort + PortsTried - 1} are all in use; choose another with --urls http://127.0.0.1:PORT.");
        var notice = port == DefaultPort ? null : $"Port {DefaultPort} is in use by another program, so this studio takes {port}.";
        return new ListenAddresses([$"http://127.0.0.1:{port}"], notice);
    }

    private static void RequireLoopback(string url, string setting)
    {
        string host;
        try
        {
            host = BindingAddress.Parse(url).Host;
        }
        catch (FormatException exception)
        {
            throw new StartupException($"{setting} is '{url}': {exception.Message} Wanted for example http://127.0.0.1:{DefaultPort}.");
        }
        if (!LoopbackHost.Matches(host))
            throw new StartupException(
                $"{setting} is '{url}', which other machines can reach, and the studio has no authentication yet. " +
                $"Wanted a loopback address, for example http://127.0.0.1:{DefaultPort}.");
    }

    private static bool IsFree(int port)
    {
        // Without this, Windows would let two programs share the port.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ExclusiveAddressUse = true };
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

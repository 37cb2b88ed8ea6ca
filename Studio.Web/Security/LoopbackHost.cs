using System.Net;

namespace Studio.Web.Security;

/// <summary>Knows which host names can only mean this machine.</summary>
public static class LoopbackHost
{
    /// <summary>True for <c>localhost</c> and for loopback IP addresses, with or without brackets.</summary>
    public static bool Matches(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}

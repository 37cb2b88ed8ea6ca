namespace Studio.Core.Hub;

/// <summary>
/// Checks names of files that a server gives before they become paths. What passes stays inside of its folder on every system and is one
/// file there: no absolute names, no way up, no drives, streams or devices of Windows, nothing hidden.
/// </summary>
public static class HubFileName
{
    private const int LongestName = 512;
    private const int LongestSegment = 200;
    private const string Refused = "\\:*?\"<>|";

    private static readonly string[] Devices = ["con", "prn", "aux", "nul", "com", "lpt", "conin$", "conout$"];

    /// <summary>Whether a name may become a path.</summary>
    public static bool IsSafe(string? name) => name is { Length: > 0 and <= LongestName } && name.Split('/').All(IsSafeSegment);

    /// <summary>The path of a file in a folder.</summary>
    /// <exception cref="HubException">The name must not become a path.</exception>
    public static string PathOf(string folder, string name)
    {
        if (!IsSafe(name))
            throw new HubException(HubFailure.BadAnswer, $"The Hub names a file '{Shown(name)}', which could lie outside of its folder. Nothing of it was stored.");
        return Path.Combine([folder, .. name.Split('/')]);
    }

    private static bool IsSafeSegment(string segment)
    {
        if (segment is not { Length: > 0 and <= LongestSegment } || segment[0] is '.' or ' ' || segment[^1] is '.' or ' ') return false;
        if (segment.Any(c => char.IsControl(c) || Refused.Contains(c, StringComparison.Ordinal) || char.IsSurrogate(c))) return false;
        string stem = segment.Split('.')[0].TrimEnd(' ').TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '¹', '²', '³').ToLowerInvariant();
        return !Devices.Contains(stem);
    }

    private static string Shown(string? name) => new([.. (name ?? "").Take(120).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)]);
}

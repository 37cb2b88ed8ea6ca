namespace Studio.Web.Hosting;

/// <summary>Turns switches that take no value into configuration, which knows only pairs.</summary>
public static class StudioCommandLine
{
    private static readonly Dictionary<string, string> Switches = new(StringComparer.OrdinalIgnoreCase)
    {
        ["--no-browser"] = $"--{StudioWebOptions.Section}:{nameof(StudioWebOptions.OpenBrowser)}=false",
        ["--park-idle-state"] = $"--{StudioWebOptions.Section}:{nameof(StudioWebOptions.ParkIdleState)}=true",
    };

    /// <summary>Replaces <c>--no-browser</c> and <c>--park-idle-state</c> by the settings they stand for; leaves every other argument as it is.</summary>
    public static string[] ToConfiguration(IReadOnlyList<string> args) => [.. args.Select(arg => Switches.GetValueOrDefault(arg, arg))];
}

namespace Studio.Web.Hosting;

/// <summary>Turns switches that take no value into configuration, which knows only pairs.</summary>
public static class StudioCommandLine
{
    private const string NoBrowser = "--no-browser";

    /// <summary>Replaces <c>--no-browser</c> by the setting it stands for; leaves every other argument as it is.</summary>
    public static string[] ToConfiguration(IReadOnlyList<string> args) =>
        [.. args.Select(arg => arg.Equals(NoBrowser, StringComparison.OrdinalIgnoreCase) ? "--Studio:OpenBrowser=false" : arg)];
}

namespace Studio.Tests.Browser;

/// <summary>Finds an installed Chromium; tests never download one.</summary>
public static class ChromiumLocator
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome.exe", "msedge.exe"];

    /// <summary>Path of the executable that <c>STUDIO_CHROMIUM</c> names, else the first one in /usr/bin or on the path.</summary>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable("STUDIO_CHROMIUM") is { Length: > 0 } named)
            return File.Exists(named) ? named : throw new FileNotFoundException($"STUDIO_CHROMIUM is '{named}', and there is no such file.");
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Prepend("/usr/bin");
        return Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
    }
}

namespace Studio.Web.Hosting;

/// <summary>Settings of the web application, from the section <c>Studio</c> of the configuration.</summary>
public sealed class StudioWebOptions
{
    /// <summary>Name of the configuration section; in the environment <c>Studio__DataDirectory</c> and so on.</summary>
    public const string Section = "Studio";

    /// <summary>Folder of everything the studio keeps. Default: <c>SymbiosisStudio</c> in the user's local application data.</summary>
    public string DataDirectory { get; set; } = DefaultDataDirectory();

    /// <summary>Whether to open the default browser at start. Default: true; never on a machine without a display.</summary>
    public bool OpenBrowser { get; set; } = true;

    /// <summary>Whether runs give the memory of their adapter and its moments back between steps; the state lies in files below the data directory then. Default: false.</summary>
    public bool ParkIdleState { get; set; }

    private static string DefaultDataDirectory()
    {
        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(local.Length > 0 ? local : AppContext.BaseDirectory, "SymbiosisStudio");
    }
}

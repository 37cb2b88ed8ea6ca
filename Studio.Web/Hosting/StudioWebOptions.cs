namespace Studio.Web.Hosting;

/// <summary>Settings of the web application, from the section <c>Studio</c> of the configuration.</summary>
public sealed class StudioWebOptions
{
    /// <summary>Name of the configuration section; in the environment <c>Studio__DataDirectory</c> and so on.</summary>
    public const string Section = "Studio";

    /// <summary>Folder of everything the studio keeps. Default: <c>SymbiosisStudio</c> in the user's local application data.</summary>
    public string DataDirectory { get; set; } = DefaultDataDirectory();

    /// <summary>Where base models lie: auto, cpu, cuda:N, or several devices that share a model's blocks, such as cuda:0,cuda:1. Default: auto.</summary>
    public string Device { get; set; } = "auto";

    /// <summary>Where runs and chats compute and keep their caches: auto (where the base model is), cpu or cuda:N. Default: auto.</summary>
    public string ClientDevice { get; set; } = "auto";

    /// <summary>Whether to open the default browser at start. Default: true; never on a machine without a display.</summary>
    public bool OpenBrowser { get; set; } = true;

    /// <summary>Bytes of memory that the studio may take, base models included. Default: 0, nine tenths of what the machine or container has.</summary>
    public long MemoryBudget { get; set; }

    /// <summary>Most MiB of keys and values that each base model keeps of ended answers, so that the next turn reads only what is new. Default: 512; 0 = none.</summary>
    public int PrefixCacheMebibytes { get; set; } = 512;

    /// <summary>Whether single chats on a CPU compute with 8-bit copies of the weights: faster, less exact, and half of the weights' bytes more. Default: false.</summary>
    public bool Int8Decode { get; set; }

    /// <summary>Whether runs give the memory of their adapter and its moments back between steps; the state lies in files below the data directory then. Default: false.</summary>
    public bool ParkIdleState { get; set; }

    private static string DefaultDataDirectory()
    {
        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(local.Length > 0 ? local : AppContext.BaseDirectory, "SymbiosisStudio");
    }
}

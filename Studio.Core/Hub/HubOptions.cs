namespace Studio.Core.Hub;

/// <summary>Where the Hub is, who asks, and where its own tools keep what they downloaded. The variables are those of the Hugging Face libraries.</summary>
public sealed record HubOptions
{
    /// <summary>Address of the Hub; <c>HF_ENDPOINT</c>. Default: https://huggingface.co.</summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co/");

    /// <summary>Token for every request that brings none of its own; <c>HF_TOKEN</c>, else the file that <c>hf auth login</c> writes. Null = none.</summary>
    public string? Token { get; init; }

    /// <summary>Folder of the local cache; <c>HF_HUB_CACHE</c>, else <c>hub</c> in <c>HF_HOME</c>, else ~/.cache/huggingface/hub. Null = this user has none.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>Longest time without a single byte before a connection counts as lost.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>First pause between two attempts; each further one is twice as long.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Options of this process's environment.</summary>
    /// <exception cref="HubException"><c>HF_ENDPOINT</c> is not an address of a web server.</exception>
    public static HubOptions FromEnvironment() => From(Environment.GetEnvironmentVariable,
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify));

    /// <summary>Options of an environment.</summary>
    /// <param name="variable">Value of a variable, or null.</param>
    /// <param name="userFolder">The user's folder; empty = none.</param>
    /// <exception cref="HubException"><c>HF_ENDPOINT</c> is not an address of a web server.</exception>
    internal static HubOptions From(Func<string, string?> variable, string userFolder)
    {
        string? Value(string name) => variable(name)?.Trim() is { Length: > 0 } value ? value : null;
        string Expand(string path) => userFolder.Length > 0 && (path == "~" || path.StartsWith("~/", StringComparison.Ordinal)) ? userFolder + path[1..] : path;

        string? cache = Value("XDG_CACHE_HOME") is { } xdg ? Expand(xdg) : userFolder.Length > 0 ? Path.Combine(userFolder, ".cache") : null;
        string? home = Value("HF_HOME") is { } named ? Expand(named) : cache is null ? null : Path.Combine(cache, "huggingface");
        string? hub = Value("HF_HUB_CACHE") ?? Value("HUGGINGFACE_HUB_CACHE");
        string? tokenFile = Value("HF_TOKEN_PATH") is { } path ? Expand(path) : home is null ? null : Path.Combine(home, "token");
        var options = new HubOptions
        {
            CacheFolder = hub is not null ? Expand(hub) : home is null ? null : Path.Combine(home, "hub"),
            Token = Value("HF_TOKEN") ?? Value("HUGGING_FACE_HUB_TOKEN") ?? ReadToken(tokenFile),
        };
        return Value("HF_ENDPOINT") is { } endpoint ? options with { Endpoint = ParseEndpoint(endpoint) } : options;
    }

    /// <summary>Reads an address; it may have a path, and always ends with a slash.</summary>
    /// <exception cref="HubException">It is not an address of a web server.</exception>
    public static Uri ParseEndpoint(string endpoint) =>
        Uri.TryCreate(endpoint?.TrimEnd('/') + "/", UriKind.Absolute, out var address) && (address.Scheme is "http" or "https")
            && address.UserInfo.Length == 0 && address.Query.Length == 0 && address.Fragment.Length == 0
            ? address
            : throw new HubException(HubFailure.Malformed, "HF_ENDPOINT is not the address of a web server; expected for example https://huggingface.co.");

    private static string? ReadToken(string? file)
    {
        try
        {
            return file is not null && File.Exists(file) && new FileInfo(file).Length < 4096 && File.ReadAllText(file).Trim() is { Length: > 0 } token ? token : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // As without the file: what needs a token will say so.
            return null;
        }
    }
}

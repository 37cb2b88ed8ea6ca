using Microsoft.Extensions.Options;

namespace Studio.Web.Hosting;

/// <summary>Makes paths absolute, so that a later change of the working directory means nothing.</summary>
public sealed class StudioWebOptionsPaths : IPostConfigureOptions<StudioWebOptions>
{
    public void PostConfigure(string? name, StudioWebOptions options)
    {
        if (!string.IsNullOrWhiteSpace(options.DataDirectory) && !options.DataDirectory.Contains('\0', StringComparison.Ordinal))
            options.DataDirectory = Path.GetFullPath(options.DataDirectory);
    }
}

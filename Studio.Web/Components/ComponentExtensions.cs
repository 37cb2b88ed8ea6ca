namespace Studio.Web.Components;

/// <summary>Registers and maps the Blazor part of the studio.</summary>
public static class ComponentExtensions
{
    // A pasted document in a text field travels in one message.
    private const long MaximumMessageBytes = 1024 * 1024;

    /// <summary>Adds interactive server components.</summary>
    public static void AddStudioComponents(this WebApplicationBuilder builder)
    {
        builder.Services.AddRazorComponents()
            .AddInteractiveServerComponents(options => options.DetailedErrors = builder.Environment.IsDevelopment())
            .AddHubOptions(options => options.MaximumReceiveMessageSize = MaximumMessageBytes);
    }

    /// <summary>Maps every page.</summary>
    public static void MapStudioComponents(this WebApplication app) =>
        // The frame policy is part of the security headers of every response.
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(options => options.ContentSecurityFrameAncestorsPolicy = null);
}

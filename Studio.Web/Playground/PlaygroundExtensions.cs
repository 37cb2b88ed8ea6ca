namespace Studio.Web.Playground;

/// <summary>Registers what playgrounds share.</summary>
public static class PlaygroundExtensions
{
    /// <summary>Adds the list of open panes.</summary>
    public static void AddStudioPlayground(this WebApplicationBuilder builder) => builder.Services.AddSingleton<OpenPanes>();
}

using MudBlazor.Services;

namespace Studio.Web.Theme;

/// <summary>Registers MudBlazor, the theme and the colors of runs.</summary>
public static class ThemeExtensions
{
    /// <summary>Adds the services that pages use for look and color.</summary>
    public static void AddStudioTheme(this WebApplicationBuilder builder)
    {
        builder.Services.AddMudServices(configuration =>
        {
            configuration.SnackbarConfiguration.PositionClass = MudBlazor.Defaults.Classes.Position.BottomRight;
            configuration.SnackbarConfiguration.PreventDuplicates = true;
        });
        builder.Services.AddScoped<ThemeState>();
        builder.Services.AddSingleton<SeriesColors>();
    }
}

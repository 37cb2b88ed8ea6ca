using MudBlazor;

namespace Studio.Web.Theme;

/// <summary>
/// The roles of the studio's look for MudBlazor. Each theme is scoped to the page's <c>data-theme</c> attribute, which a script in
/// the head sets before anything is painted; so both can be on the page and switching needs no server.
/// </summary>
public static class StudioTheme
{
    private static readonly string[] SansSerif =
        ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Liberation Sans", "sans-serif"];

    /// <summary>Dark text on light greys, teal accent.</summary>
    public static MudTheme Light { get; } = Create("light", new PaletteLight
    {
        Primary = "#0f6e68",
        PrimaryContrastText = "#ffffff",
        Secondary = "#4a5866",
        SecondaryContrastText = "#ffffff",
        Tertiary = "#5b4fa3",
        Info = "#1d63b8",
        Success = "#1b7a43",
        Warning = "#9a5b00",
        Error = "#b3261e",
        Dark = "#1b2228",
        Black = "#12171b",
        TextPrimary = "#1b2228",
        TextSecondary = "#55626e",
        TextDisabled = "#8b96a0",
        ActionDefault = "#55626e",
        ActionDisabled = "#a9b2ba",
        ActionDisabledBackground = "#e4e8eb",
        Background = "#f5f7f8",
        BackgroundGray = "#edf0f2",
        Surface = "#ffffff",
        DrawerBackground = "#ffffff",
        DrawerText = "#33404b",
        DrawerIcon = "#55626e",
        AppbarBackground = "#ffffff",
        AppbarText = "#1b2228",
        LinesDefault = "#dde2e6",
        LinesInputs = "#96a1ab",
        TableLines = "#e4e8eb",
        TableStriped = "#f8f9fa",
        TableHover = "#f0f4f4",
        Divider = "#dde2e6",
        DividerLight = "#eceff1",
        OverlayDark = "rgba(18,23,27,0.45)",
        HoverOpacity = 0.06,
    });

    /// <summary>Light text on near-black greys, a brighter teal.</summary>
    public static MudTheme Dark { get; } = Create("dark", new PaletteDark
    {
        Primary = "#3cc9ba",
        PrimaryContrastText = "#06231f",
        Secondary = "#9fb0be",
        SecondaryContrastText = "#12171b",
        Tertiary = "#a99cf0",
        TertiaryContrastText = "#12171b",
        Info = "#74acf0",
        InfoContrastText = "#0b1a2b",
        Success = "#57c98a",
        SuccessContrastText = "#06200f",
        Warning = "#e5ad4e",
        WarningContrastText = "#271a02",
        Error = "#f2827a",
        ErrorContrastText = "#2b0906",
        Dark = "#2a333b",
        DarkContrastText = "#e5eaee",
        Black = "#0c1013",
        TextPrimary = "#e5eaee",
        TextSecondary = "#9ba8b3",
        TextDisabled = "#66727c",
        ActionDefault = "#9ba8b3",
        ActionDisabled = "#55616b",
        ActionDisabledBackground = "#232b32",
        Background = "#0f1417",
        BackgroundGray = "#141a1e",
        Surface = "#171d22",
        DrawerBackground = "#131a1e",
        DrawerText = "#c6d0d8",
        DrawerIcon = "#9ba8b3",
        AppbarBackground = "#131a1e",
        AppbarText = "#e5eaee",
        LinesDefault = "#2a333b",
        LinesInputs = "#5d6a75",
        TableLines = "#252e35",
        TableStriped = "#1a2126",
        TableHover = "#1d262b",
        Divider = "#2a333b",
        DividerLight = "#20282e",
        OverlayDark = "rgba(0,0,0,0.6)",
        HoverOpacity = 0.08,
    });

    private static MudTheme Create(string name, Palette palette) => new()
    {
        // One provider shows one palette; both slots hold it so that none falls back to MudBlazor's own.
        PaletteLight = palette,
        PaletteDark = palette,
        PseudoCss = new PseudoCss { Scope = $":root[data-theme={name}]" },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "6px", DrawerWidthLeft = "216px", AppbarHeight = "52px" },
        Typography = CreateTypography(),
    };

    private static Typography CreateTypography() => new()
    {
        Default = new DefaultTypography { FontFamily = SansSerif, FontSize = "0.875rem", LineHeight = "1.5", LetterSpacing = "normal" },
        H1 = new H1Typography { FontSize = "1.75rem", FontWeight = "600", LineHeight = "1.25", LetterSpacing = "-0.01em" },
        H2 = new H2Typography { FontSize = "1.375rem", FontWeight = "600", LineHeight = "1.3", LetterSpacing = "-0.005em" },
        H3 = new H3Typography { FontSize = "1.125rem", FontWeight = "600", LineHeight = "1.35", LetterSpacing = "normal" },
        H4 = new H4Typography { FontSize = "1rem", FontWeight = "600", LineHeight = "1.4", LetterSpacing = "normal" },
        H5 = new H5Typography { FontSize = "0.9375rem", FontWeight = "600", LineHeight = "1.4", LetterSpacing = "normal" },
        H6 = new H6Typography { FontSize = "0.875rem", FontWeight = "600", LineHeight = "1.4", LetterSpacing = "normal" },
        Subtitle1 = new Subtitle1Typography { FontSize = "0.9375rem", FontWeight = "500", LineHeight = "1.5", LetterSpacing = "normal" },
        Subtitle2 = new Subtitle2Typography { FontSize = "0.8125rem", FontWeight = "600", LineHeight = "1.5", LetterSpacing = "normal" },
        Body1 = new Body1Typography { FontSize = "0.875rem", LineHeight = "1.5", LetterSpacing = "normal" },
        Body2 = new Body2Typography { FontSize = "0.8125rem", LineHeight = "1.5", LetterSpacing = "normal" },
        Button = new ButtonTypography { FontSize = "0.875rem", FontWeight = "500", LineHeight = "1.5", LetterSpacing = "normal", TextTransform = "none" },
        Caption = new CaptionTypography { FontSize = "0.75rem", LineHeight = "1.4", LetterSpacing = "normal" },
        Overline = new OverlineTypography { FontSize = "0.6875rem", FontWeight = "600", LineHeight = "1.4", LetterSpacing = "0.06em" },
    };
}

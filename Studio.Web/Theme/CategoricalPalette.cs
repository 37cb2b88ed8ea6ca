namespace Studio.Web.Theme;

/// <summary>
/// Ten colors for lines that have to be told apart. Chosen so that under normal vision, protanopia, deuteranopia and tritanopia
/// (Machado, Oliveira and Fernandes 2009, severity 1) any two stay at least 15 apart in CIE Lab, and each has a contrast of at least
/// 3:1 with its background. The same index has the same hue in both themes.
/// </summary>
public static class CategoricalPalette
{
    /// <summary>For light backgrounds.</summary>
    public static IReadOnlyList<string> Light { get; } =
        ["#2e77ff", "#d07f0b", "#00ab5f", "#ba72cb", "#825400", "#07286d", "#6001f5", "#650004", "#66547b", "#036a4b"];

    /// <summary>For dark backgrounds.</summary>
    public static IReadOnlyList<string> Dark { get; } =
        ["#85b2fc", "#ef8140", "#5b9161", "#d898a9", "#ddcc2c", "#b5f7f4", "#ae6cfc", "#e81d43", "#9393c1", "#76ffc4"];

    /// <summary>The color of a place in the palette; places beyond ten start again.</summary>
    public static string ColorOf(int index, bool dark) => (dark ? Dark : Light)[index % Light.Count];
}

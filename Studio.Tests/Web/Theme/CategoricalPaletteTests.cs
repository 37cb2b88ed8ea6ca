using System.Globalization;
using Studio.Web.Theme;

namespace Studio.Tests.Web.Theme;

public sealed class CategoricalPaletteTests
{
    /// <summary>Machado, Oliveira, Fernandes (2009), severity 1, on linear RGB; the first is normal vision.</summary>
    public static TheoryData<string, double[]> Visions => new()
    {
        { "normal", [1, 0, 0, 0, 1, 0, 0, 0, 1] },
        { "protanopia", [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998] },
        { "deuteranopia", [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881] },
        { "tritanopia", [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900] },
    };

    [Theory]
    [MemberData(nameof(Visions))]
    public void Colors_EveryPair_IsTellableApart(string vision, double[] matrix)
    {
        foreach (var palette in new[] { CategoricalPalette.Light, CategoricalPalette.Dark })
        {
            double[][] seen = [.. palette.Select(color => Lab(See(Linear(color), matrix)))];
            for (var i = 0; i < seen.Length; i++)
            {
                for (var j = 0; j < i; j++)
                {
                    var distance = Math.Sqrt(seen[i].Zip(seen[j], (a, b) => (a - b) * (a - b)).Sum());
                    Assert.True(distance >= 15, $"{palette[i]} and {palette[j]} are {distance:0.0} apart under {vision}.");
                }
            }
        }
    }

    [Fact]
    public void Colors_OnTheirSurface_HaveAContrastOfThree()
    {
        Assert.All(CategoricalPalette.Light, color => Assert.InRange(Contrast(color, "#ffffff"), 3, 21));
        Assert.All(CategoricalPalette.Dark, color => Assert.InRange(Contrast(color, "#171d22"), 3, 21));
    }

    [Fact]
    public void Stylesheet_SeriesRoles_AreThePalette()
    {
        var css = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "wwwroot-assets", "css", "studio.css"));
        var dark = css.IndexOf("[data-theme=\"dark\"]", StringComparison.Ordinal);

        for (var place = 0; place < 10; place++)
        {
            Assert.Contains($"--studio-series-{place}: {CategoricalPalette.Light[place]};", css[..dark], StringComparison.Ordinal);
            Assert.Contains($"--studio-series-{place}: {CategoricalPalette.Dark[place]};", css[dark..], StringComparison.Ordinal);
        }
    }

    private static double[] Linear(string color) =>
    [
        .. Enumerable.Range(0, 3).Select(i => int.Parse(color.AsSpan(1 + 2 * i, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255d)
            .Select(c => c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4)),
    ];

    private static double[] See(double[] rgb, double[] matrix) =>
        [.. Enumerable.Range(0, 3).Select(row => Math.Clamp(Enumerable.Range(0, 3).Sum(column => matrix[3 * row + column] * rgb[column]), 0, 1))];

    private static double[] Lab(double[] rgb)
    {
        static double F(double t) => t > 0.008856 ? Math.Cbrt(t) : 7.787 * t + 16d / 116;
        var x = F((0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.9505);
        var y = F(Luminance(rgb));
        var z = F((0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.089);
        return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
    }

    private static double Luminance(double[] rgb) => 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];

    private static double Contrast(string one, string other)
    {
        var (a, b) = (Luminance(Linear(one)), Luminance(Linear(other)));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }
}

using System.Globalization;
using Studio.Web.Formatting;

namespace Studio.Tests.Web.Formatting;

public sealed class FormattingTests : IDisposable
{
    private readonly CultureInfo _before = CultureInfo.CurrentCulture;

    public FormattingTests() => CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

    public void Dispose() => CultureInfo.CurrentCulture = _before;

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.00 KiB")]
    [InlineData(1_048_575, "1.00 MiB")]
    [InlineData(12_939_428, "12.3 MiB")]
    [InlineData(4_570_000_000, "4.26 GiB")]
    [InlineData(150_323_855_360, "140 GiB")]
    public void Bytes_AnyAmount_HasThreeDigitsAndAUnit(long bytes, string expected) => Assert.Equal(expected, BytesText.Format(bytes));

    [Theory]
    [InlineData(0, 0, "0 FLOP/s")]
    [InlineData(3.82e9, 0, "3.8 GFLOP/s")]
    [InlineData(412e9, 1_180e9, "412 of 1,180 GFLOP/s")]
    [InlineData(412e9, 118e12, "0.4 of 118 TFLOP/s")]
    [InlineData(0, 2.49e9, "0 of 2.5 GFLOP/s")]
    public void Operations_AchievedAndPeak_ShareAUnit(double achieved, double peak, string expected) => Assert.Equal(expected, OperationsText.Format(achieved, peak));

    [Theory]
    [InlineData(-5, "0 ms")]
    [InlineData(0.85, "850 ms")]
    [InlineData(0.9999, "1.0 s")]
    [InlineData(4.23, "4.2 s")]
    [InlineData(42, "42 s")]
    [InlineData(59.7, "1 min 00 s")]
    [InlineData(185, "3 min 05 s")]
    [InlineData(8_050, "2 h 14 min")]
    [InlineData(273_600, "3 d 4 h")]
    public void Duration_AnySpan_HasItsTwoLargestUnits(double seconds, string expected) =>
        Assert.Equal(expected, DurationText.Format(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(null, "–")]
    [InlineData(double.NaN, "–")]
    [InlineData(0d, "0")]
    [InlineData(1.23456, "1.235")]
    [InlineData(0.0123456, "0.01235")]
    [InlineData(12_345.6, "12,346")]
    [InlineData(0.00002, "2.00e-5")]
    [InlineData(-0.5, "-0.5000")]
    public void Significant_AnyFigure_HasFourDigits(double? value, string expected) => Assert.Equal(expected, NumberText.Significant(value));

    [Theory]
    [InlineData(950, "950")]
    [InlineData(999.6, "1.00 k")]
    [InlineData(12_345, "12.3 k")]
    [InlineData(4_560_000, "4.56 M")]
    public void Compact_AnyCount_HasThreeDigits(double value, string expected) => Assert.Equal(expected, NumberText.Compact(value));

    [Fact]
    public void Significant_BrowserOfAnotherCulture_UsesItsSeparators()
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");

        Assert.Equal("1,235", NumberText.Significant(1.23456));
        Assert.Equal("1,15 GiB", BytesText.Format(1_234_567_890));
        Assert.Equal("12.345", NumberText.Count(12_345));
    }
}

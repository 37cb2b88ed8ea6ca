using System.Globalization;

namespace Studio.Web.Formatting;

/// <summary>Speeds of computing for people.</summary>
public static class OperationsText
{
    private static readonly string[] Units = ["FLOP/s", "kFLOP/s", "MFLOP/s", "GFLOP/s", "TFLOP/s", "PFLOP/s"];

    /// <summary>Such as "412 of 1,180 GFLOP/s": both in the unit in which the larger has up to four digits. Without a peak the first alone.</summary>
    /// <param name="achieved">Floating-point operations a second.</param>
    /// <param name="peak">The most possible; 0 = unknown.</param>
    public static string Format(double achieved, double peak = 0)
    {
        var largest = Math.Max(achieved, peak);
        var (unit, scale) = (0, 1d);
        while (largest / scale >= 2000 && unit < Units.Length - 1)
        {
            scale *= 1000;
            unit++;
        }
        return peak > 0 ? $"{Number(achieved / scale)} of {Number(peak / scale)} {Units[unit]}" : $"{Number(achieved / scale)} {Units[unit]}";
    }

    private static string Number(double value) => value.ToString(value is > 0 and < 9.95 ? "0.0" : "N0", CultureInfo.CurrentCulture);
}

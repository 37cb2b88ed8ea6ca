using System.Globalization;
using System.Text;

namespace Studio.Core.Text.Jinja.Formatting;

/// <summary>datetime.strftime in the C locale, with the flags of glibc (<c>%-d</c>, <c>%_d</c>, <c>%^a</c>).</summary>
internal static class TimeFormat
{
    public static string Format(DateTime time, string format, Budget budget)
    {
        var output = new StringBuilder();
        for (int at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 >= format.Length)
            {
                output.Append(format[at]);
                continue;
            }

            int start = at++;
            char flag = format[at] is '-' or '_' or '0' or '^' or '#' ? format[at++] : '\0';
            int width = 0;
            while (at < format.Length && char.IsAsciiDigit(format[at])) width = Math.Min(10_000, width * 10 + format[at++] - '0');
            budget.Characters(width + 8);
            output.Append(at < format.Length && Field(time, format[at], flag, width) is { } field ? field : format[start..Math.Min(at + 1, format.Length)]);
        }

        return output.ToString();
    }

    private static string? Field(DateTime time, char code, char flag, int width)
    {
        string Digits(int value, int digits, char fill = '0') => flag switch
        {
            '-' => value.ToString(CultureInfo.InvariantCulture),
            '_' => value.ToString(CultureInfo.InvariantCulture).PadLeft(Math.Max(width, digits)),
            _ => value.ToString(CultureInfo.InvariantCulture).PadLeft(Math.Max(width, digits), flag == '0' ? '0' : fill),
        };
        string Words(string value) => (flag is '^' ? value.ToUpperInvariant() : value).PadLeft(width);
        string Text(string format) => Words(time.ToString(format, CultureInfo.InvariantCulture));
        int hour = time.Hour % 12 == 0 ? 12 : time.Hour % 12;
        int weekday = (int)time.DayOfWeek;
        return code switch
        {
            'a' => Text("ddd"),
            'A' => Text("dddd"),
            'b' or 'h' => Text("MMM"),
            'B' => Text("MMMM"),
            'c' => Words(time.ToString("ddd MMM ", CultureInfo.InvariantCulture) + time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2) +
                time.ToString(" HH:mm:ss yyyy", CultureInfo.InvariantCulture)),
            'C' => Digits(time.Year / 100, 2),
            'd' => Digits(time.Day, 2),
            'D' or 'x' => Text("MM'/'dd'/'yy"),
            'e' => Digits(time.Day, 2, ' '),
            'f' => Text("ffffff"),
            'F' => Text("yyyy-MM-dd"),
            'g' => Digits(ISOWeek.GetYear(time) % 100, 2),
            'G' => Digits(ISOWeek.GetYear(time), 4),
            'H' => Digits(time.Hour, 2),
            'I' => Digits(hour, 2),
            'j' => Digits(time.DayOfYear, 3),
            'k' => Digits(time.Hour, 2, ' '),
            'l' => Digits(hour, 2, ' '),
            'm' => Digits(time.Month, 2),
            'M' => Digits(time.Minute, 2),
            'n' => "\n",
            'p' => flag == '#' ? Text("tt").ToLowerInvariant() : Text("tt"),
            'P' => Text("tt").ToLowerInvariant(),
            'r' => Words($"{hour:00}{time.ToString(":mm:ss tt", CultureInfo.InvariantCulture)}"),
            'R' => Text("HH:mm"),
            's' => Words(new DateTimeOffset(time).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
            'S' => Digits(time.Second, 2),
            't' => "\t",
            'T' or 'X' => Text("HH:mm:ss"),
            'u' => Digits(weekday == 0 ? 7 : weekday, 1),
            'U' => Digits((time.DayOfYear + 6 - weekday) / 7, 2),
            'V' => Digits(ISOWeek.GetWeekOfYear(time), 2),
            'w' => Digits(weekday, 1),
            'W' => Digits((time.DayOfYear + 6 - (weekday + 6) % 7) / 7, 2),
            'y' => Digits(time.Year % 100, 2),
            'Y' => Digits(time.Year, 1),
            // Times of a template carry no zone, as datetime.now() carries none.
            'z' or 'Z' => "",
            '%' => "%",
            _ => null,
        };
    }
}

using System.Text;

namespace Studio.Bench.Soak.Fuzz;

/// <summary>JSON values that a loader hardly expects: wrong types, huge numbers, deep nesting, long and broken texts.</summary>
internal static class OddValues
{
    private static readonly string[] Short =
    [
        "null", "true", "false", "-1", "0", "1", "2", "3", "7", "-0", "0.5", "1.5", "1e308", "-1e308", "1e999", "1e-400", "2147483647", "2147483648", "-2147483648", "4294967296", "9223372036854775807",
        "-9223372036854775808", "18446744073709551616", "99999999999999999999999999999999999999", "1000000", "100000000", "\"\"", "\"x\"", "\" \"", "\"\\u0000\"", "\"\\ud800\"", "\"\\ufffd\"", "\"1\"",
        "\"true\"", "\"../../etc/passwd\"", "\"/dev/zero\"", "[]", "[[]]", "[null]", "{}", "{\"\":null}", "{\"type\":null}", "{\"type\":\"Sequence\"}", "{\"content\":\"x\"}", "\"BPE\"", "\"F64\"", "\"(a+)+$\"",
        "[0,0]", "[1,-1]", "[9223372036854775807,9223372036854775807]", "NaN", "Infinity", "tru", "\"", "{", "[", "}", ",", ":",
    ];

    /// <summary>One of them.</summary>
    public static byte[] Pick(Starter.SeededRandom random) => Encoding.UTF8.GetBytes(random.Next(24) switch
    {
        0 => new string('[', 100_000) + new string(']', 100_000),
        1 => string.Concat(Enumerable.Repeat("{\"a\":", 50 + random.Next(3_000))) + "1",
        2 => new string('[', 1 + random.Next(62)) + "1" + new string(']', 62),
        3 => "\"" + new string("aé\u4e2d "[random.Next(4)], 1 << random.Next(20)) + "\"",
        4 => "[" + string.Join(',', Enumerable.Repeat(Short[random.Next(8)], 1 << random.Next(14))) + "]",
        5 => "{" + string.Join(',', Enumerable.Range(0, 1 << random.Next(12)).Select(i => $"\"k{i % 999}\":{i}")) + "}",
        6 => random.Next(200_000).ToString(System.Globalization.CultureInfo.InvariantCulture),
        7 => new string('9', 1 + random.Next(5_000)),
        _ => Short[random.Next(Short.Length)],
    });
}

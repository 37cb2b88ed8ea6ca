using System.Text;
using Studio.Bench.Starter;

namespace Studio.Bench.Soak.Fuzz;

/// <summary>Edits that know nothing of the format, and those that know a template's marks.</summary>
internal static class ByteEdits
{
    private static readonly byte[] Odd = [0x00, 0x01, 0x7F, 0x80, 0xC0, 0xE2, 0xED, 0xF8, 0xFF, (byte)'"', (byte)'\\', (byte)'{', (byte)'['];

    private static readonly string[] Marks =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "-", "|", "(", ")", "[", "]", "'", "\"", "\\", ".", ":", "=", "~", "**", "//", "%", " if ", " else ", " for ", " in ", " is ", " not ", "loop", "loop.index",
        "messages", "namespace()", "range(9)", "range(99999999)", "|list", "|tojson", "|map", "|join", "|indent(99999999)", "|sort", "|length", "|center(99999999)", "* 99999999", "{% for x in messages %}",
        "{% endfor %}", "{% if x %}", "{% endif %}", "{% macro m(a) %}", "{% endmacro %}", "{{ m(m) }}", "{% set x = [x, x] %}", "{% generation %}", "{% endgeneration %}", "{% raw %}", "{% endraw %}",
        "[::-1]", "[::0]", ".format(1)", ".split()", ".replace('', 'xx')", "\ud83d\ude00", "\0", "9999999999999999999999", "1e308", "none", "undefinedname", "messages[0].content * 9999",
    ];

    /// <summary>One edit of any bytes between two places.</summary>
    public static Splice Make(byte[] file, int from, int to, SeededRandom random)
    {
        int at = from + random.Next(to - from + 1), length = Math.Min(to - at, 1 + random.Next(16));
        return random.Next(8) switch
        {
            0 or 1 when at < to => new Splice(at, 1, [(byte)(file[at] ^ (1 << random.Next(8)))]),
            2 when at < to => new Splice(at, 1, [Odd[random.Next(Odd.Length)]]),
            3 => new Splice(at, length, []),
            4 => new Splice(at, 0, file[at..(at + length)]),
            5 => new Splice(at, 0, [.. Enumerable.Range(0, 1 + random.Next(8)).Select(_ => (byte)random.Next(256))]),
            6 when random.Next(4) == 0 => new Splice(at, file.Length - at, []),
            _ => new Splice(at, 0, [Odd[random.Next(Odd.Length)]]),
        };
    }

    /// <summary>One edit of a template.</summary>
    public static Splice Template(byte[] file, SeededRandom random)
    {
        int at = random.Next(file.Length + 1), length = Math.Min(file.Length - at, random.Next(12));
        return new Splice(at, random.Next(2) * length, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(Marks[random.Next(Marks.Length)], random.Next(40) == 0 ? 1 << random.Next(14) : 1))));
    }
}

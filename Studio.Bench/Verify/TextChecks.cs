using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Studio.Bench.Verify;

/// <summary>Counts exact comparisons and keeps the first difference.</summary>
internal sealed class TextChecks
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private int _count;
    private int _wrong;
    private string? _first;

    /// <summary>Compares two texts.</summary>
    public void Equal(string what, string expected, string actual)
    {
        _count++;
        if (TextDifference.Describe(expected, actual) is { } difference) Differ(what, difference);
    }

    /// <summary>Compares two numbers.</summary>
    public void Equal(string what, int expected, int actual)
    {
        _count++;
        if (expected != actual) Differ(what, string.Create(CultureInfo.InvariantCulture, $"expected {expected}, found {actual}"));
    }

    /// <summary>Compares two lists.</summary>
    public void Equal<T>(string what, IEnumerable<T> expected, IEnumerable<T> actual)
    {
        _count++;
        T[] wanted = [.. expected], found = [.. actual];
        if (wanted.SequenceEqual(found)) return;
        int at = 0;
        while (at < Math.Min(wanted.Length, found.Length) && Equals(wanted[at], found[at])) at++;
        Differ(what, $"at position {at}: expected {Show(wanted, at)}, found {Show(found, at)}");
    }

    /// <summary>The verdict on all comparisons; none at all is a failure.</summary>
    public CaseVerdict Verdict(string name)
    {
        if (_count == 0) return new CaseVerdict(name, false, "nothing to compare");
        return new CaseVerdict(name, _wrong == 0, _wrong == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{_count} comparisons equal")
            : string.Create(CultureInfo.InvariantCulture, $"{_wrong} of {_count} comparisons differ; first: {_first}"));
    }

    /// <summary>A text as a JSON string, shortened.</summary>
    public static string Quote(string text) => JsonSerializer.Serialize(text.Length <= 80 ? text : text[..80] + "...", Json);

    private void Differ(string what, string how)
    {
        _wrong++;
        _first ??= $"{what}, {how}";
    }

    private static string Show<T>(T[] items, int at) => $"[{(at > 0 ? "..., " : "")}{string.Join(", ", items.Skip(at).Take(8))}{(items.Length > at + 8 ? ", ..." : "")}]";
}

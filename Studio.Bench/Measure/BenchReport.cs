using System.Globalization;
using System.Text.Json;

namespace Studio.Bench.Measure;

/// <summary>A table for people and a JSON line a row for programs, of the same figures.</summary>
/// <param name="title">What was measured, on what.</param>
/// <param name="bench">Name of the measurement in the JSON lines.</param>
/// <param name="output">Where both go.</param>
internal sealed class BenchReport(string title, string bench, TextWriter output)
{
    private readonly List<IReadOnlyList<Figure>> _rows = [];

    /// <summary>Adds a row; all rows of a table have the same figures in the same order.</summary>
    public void Add(params IReadOnlyList<Figure> row) => _rows.Add(row);

    /// <summary>Writes both.</summary>
    public void Write()
    {
        output.WriteLine(title);
        var columns = _rows[0].Select((figure, i) => Math.Max(figure.Name.Length, _rows.Max(row => row[i].Text.Length))).ToList();
        output.WriteLine(string.Join("  ", _rows[0].Select((figure, i) => Aligned(figure.Name, columns[i], i))));
        foreach (var row in _rows) output.WriteLine(string.Join("  ", row.Select((figure, i) => Aligned(figure.Text, columns[i], i))));
        foreach (var row in _rows)
        {
            var line = new Dictionary<string, object?> { ["bench"] = bench, ["of"] = title };
            foreach (var figure in row) line[figure.Name] = figure.Value;
            output.WriteLine(JsonSerializer.Serialize(line));
        }
    }

    /// <summary>The middle value, or the mean of the two in the middle; not a number where there are none.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Aligned(string text, int width, int column) => column == 0 ? text.PadRight(width) : text.PadLeft(width);
}

/// <summary>One figure of a row.</summary>
/// <param name="Name">Its column.</param>
/// <param name="Value">A number, a text, or null where it does not apply.</param>
/// <param name="Format">How a number is written.</param>
internal readonly record struct Figure(string Name, object? Value, string Format = "0.00")
{
    /// <summary>For the table.</summary>
    public string Text => Value switch
    {
        null => "-",
        double number => number.ToString(Format, CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => Value.ToString()!,
    };
}

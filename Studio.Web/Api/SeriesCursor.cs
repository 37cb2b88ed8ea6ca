using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Studio.Core.Telemetry;

namespace Studio.Web.Api;

/// <summary>
/// How far a reader is in each series of a run, as a text such as <c>1A2B3C4D:loss.12.80,eval_loss.13.4</c>. It holds within one life of the
/// studio's process; a cursor of an earlier life reads everything again.
/// </summary>
public sealed record SeriesCursor
{
    // Generations of series count from 1 in each process: this tells the processes apart.
    private static readonly string Life = Convert.ToHexString(RandomNumberGenerator.GetBytes(4));

    /// <summary>A reader that has read nothing.</summary>
    public static SeriesCursor Start { get; } = new();

    private ImmutableSortedDictionary<string, MetricCursor> Positions { get; init; } = ImmutableSortedDictionary.Create<string, MetricCursor>(StringComparer.Ordinal);

    /// <summary>The position in a series.</summary>
    public MetricCursor this[string series] => Positions.GetValueOrDefault(series);

    /// <summary>The same with another position in one series.</summary>
    public SeriesCursor With(string series, MetricCursor position) =>
        this with { Positions = position == default ? Positions.Remove(series) : Positions.SetItem(series, position) };

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Life}:{string.Join(',', Positions.Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Key}.{entry.Value.Generation}.{entry.Value.LastIndex}")))}");

    /// <summary>Reads a cursor's text; null where it is none.</summary>
    public static SeriesCursor? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Split(':') is not [var life, var entries]) return null;
        var cursor = Start;
        foreach (string entry in entries.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (entry.Split('.') is not [{ Length: > 0 } series, var generation, var index] || !TryNumber(generation, out long g) || !TryNumber(index, out long i)) return null;
            cursor = cursor.With(series, new MetricCursor(g, i));
        }
        return life == Life ? cursor : Start;
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}

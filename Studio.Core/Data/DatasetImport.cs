using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Studio.Core.Data;

/// <summary>
/// Reads JSONL datasets. Lines that cannot be used are reported one by one and left out; only a file without a usable line is refused.
/// </summary>
public static class DatasetImport
{
    /// <summary>Reads a stream of UTF-8 JSON lines; a byte order mark, CRLF line ends and empty lines are accepted.</summary>
    /// <param name="stream">The file; read once, from where it stands to its end.</param>
    /// <param name="limits">Bounds; null for the defaults.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="UnusableDatasetException">The file is empty, binary, not UTF-8 JSONL, or has no usable row; the message says which.</exception>
    public static async Task<ImportedDataset> ReadAsync(Stream stream, ImportLimits? limits = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        limits ??= new ImportLimits();
        var reader = new BoundedLineReader(stream, limits.LineBytes);
        var rows = new List<DatasetRow>();
        var errors = new List<RowError>();
        var errorCount = 0;
        DatasetFormat? format = null;
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            var line = reader.Line;
            if (reader.LineNumber == 1) line = WithoutMark(line);
            if (rows.Count == 0 && line.Span.Contains((byte)0))
                throw new UnusableDatasetException($"Line {reader.LineNumber} has a zero byte: this is a binary file. Wanted: UTF-8 text with one JSON object per line.");
            if (IsBlank(line.Span)) continue;
            try
            {
                if (reader.IsTooLong) throw new RowException("", $"the line is longer than {limits.LineBytes} bytes");
                rows.Add(Read(line, reader.LineNumber, ref format));
            }
            catch (RowException error)
            {
                errorCount++;
                if (errors.Count < limits.KeptErrors) errors.Add(new RowError(reader.LineNumber, error.Column, error.Message));
            }
        }

        if (rows.Count > 0) return new ImportedDataset { Format = format!.Value, Rows = rows, Errors = errors, ErrorCount = errorCount };
        throw new UnusableDatasetException(errors is [var first, ..]
            ? $"No usable row in {errorCount} lines. The first problem, in line {first.Line}{(first.Column.Length > 0 ? $", {first.Column}" : "")}: {first.Message}."
            : "The file is empty. Wanted: UTF-8 text with one JSON object per line.", errors);
    }

    private static DatasetRow Read(ReadOnlyMemory<byte> line, int number, ref DatasetFormat? format)
    {
        if (!Utf8.IsValid(line.Span)) throw new RowException("", "not valid UTF-8");
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(line);
        }
        catch (JsonException error)
        {
            throw new RowException("", $"not valid JSON at byte {error.BytePositionInLine}: found '{Beginning(line.Span)}', wanted one JSON object per line");
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new RowException("", $"found a JSON {RowFields.NameOf(document.RootElement.ValueKind)}, wanted one JSON object per line");
            var fields = new RowFields(document.RootElement, "");
            format ??= RowSchema.Detect(fields);
            return RowSchema.Read(fields, format.Value, number);
        }
    }

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> line)
    {
        if (line.Span.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || line.Span.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            throw new UnusableDatasetException("The file is UTF-16. Wanted: UTF-8 text with one JSON object per line.");
        return line.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? line[3..] : line;
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => !line.ContainsAnyExcept(" \t\r\f\v"u8);

    private static string Beginning(ReadOnlySpan<byte> line)
    {
        var text = Encoding.UTF8.GetString(line[..Math.Min(40, line.Length)]).TrimEnd('\r', '\uFFFD');
        return line.Length > 40 ? $"{text}..." : text;
    }
}

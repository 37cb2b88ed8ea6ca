using System.Text.Json;

namespace Studio.Core.Hub;

/// <summary>Makes JSON Lines of a data set's files, one after the other.</summary>
public static class DatasetRows
{
    /// <summary>Most bytes of what is written.</summary>
    private const long LargestResult = 1L << 30;

    /// <summary>Writes the rows of all files. Broken lines are written as they are: the import names them.</summary>
    /// <param name="files">Files with the endings that <see cref="DatasetFiles"/> accepts.</param>
    /// <param name="target">File that is written.</param>
    /// <param name="ct">Cancels.</param>
    /// <exception cref="HubException">A file is unsound, or the rows are too large.</exception>
    public static async Task WriteAsync(IReadOnlyList<string> files, string target, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        var output = File.Create(target);
        await using (output.ConfigureAwait(false))
        {
            foreach (string file in files)
            {
                if (file.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)) await ParquetRows.WriteAsync(file, output, ct).ConfigureAwait(false);
                else await WriteJsonAsync(file, output, ct).ConfigureAwait(false);
                if (output.Length > LargestResult) throw new HubException(HubFailure.Unusable, $"The rows have more than {LargestResult >> 20} MiB as JSON Lines. Choose a smaller split or subset.");
            }
        }
    }

    private static async Task WriteJsonAsync(string file, FileStream output, CancellationToken ct)
    {
        await using var input = File.OpenRead(file);
        bool isList = file.EndsWith(".json", StringComparison.OrdinalIgnoreCase) && await BeginsWithAsync(input, (byte)'[', ct).ConfigureAwait(false);
        input.Position = 0;
        if (!isList)
        {
            await input.CopyToAsync(output, ct).ConfigureAwait(false);
            output.WriteByte((byte)'\n');
            return;
        }
        try
        {
            await foreach (var row in JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(input, cancellationToken: ct).ConfigureAwait(false))
            {
                using (var writer = new Utf8JsonWriter(output)) row.WriteTo(writer);
                output.WriteByte((byte)'\n');
            }
        }
        catch (JsonException error)
        {
            throw new HubException(HubFailure.Unusable, $"'{Path.GetFileName(file)}' is not a JSON list: {error.Message}", error);
        }
    }

    private static async Task<bool> BeginsWithAsync(Stream input, byte wanted, CancellationToken ct)
    {
        byte[] head = new byte[64];
        int count = await input.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, ct).ConfigureAwait(false);
        var text = head.AsMemory(0, count);
        if (text.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) text = text[3..];
        int first = text.Span.IndexOfAnyExcept(" \t\r\n"u8);
        return first >= 0 && text.Span[first] == wanted;
    }
}

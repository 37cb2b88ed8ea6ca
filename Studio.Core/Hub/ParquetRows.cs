using System.Collections;
using System.Globalization;
using System.Text.Json;
using Parquet;
using Parquet.Serialization;

namespace Studio.Core.Hub;

/// <summary>The rows of a Parquet file as JSON Lines; lists and structs become JSON lists and objects.</summary>
internal static class ParquetRows
{
    private const int MostDepth = 32;

    /// <summary>Writes the rows, one row group in memory at a time.</summary>
    /// <exception cref="HubException">It is not a sound Parquet file, or holds values that JSON cannot.</exception>
    public static async Task WriteAsync(string file, Stream output, CancellationToken ct)
    {
        try
        {
            await using var input = File.OpenRead(file);
            int groups;
            await using (var reader = await ParquetReader.CreateAsync(input, leaveStreamOpen: true, cancellationToken: ct).ConfigureAwait(false)) groups = reader.RowGroupCount;
            for (int group = 0; group < groups; group++)
            {
                input.Position = 0;
                var rows = await ParquetSerializer.DeserializeUntypedAsync(input, rowGroupIndex: group, cancellationToken: ct).ConfigureAwait(false);
                foreach (var row in rows.Data)
                {
                    using (var writer = new Utf8JsonWriter(output)) Write(writer, row, 0);
                    output.WriteByte((byte)'\n');
                }
            }
        }
        catch (Exception error) when (error is not (OperationCanceledException or HubException) && !(error is IOException io && HubDisk.IsFull(io)))
        {
            // A file of a stranger: whatever the reader stumbles over, it is the file that is wrong.
            throw new HubException(HubFailure.Unusable, $"'{Path.GetFileName(file)}' cannot be read as Parquet: {error.Message}", error);
        }
    }

    private static void Write(Utf8JsonWriter writer, object? value, int depth)
    {
        if (depth > MostDepth) throw new HubException(HubFailure.Unusable, $"A row is nested deeper than {MostDepth} levels.");
        switch (value)
        {
            case null: writer.WriteNullValue(); break;
            case string text: writer.WriteStringValue(text); break;
            case bool flag: writer.WriteBooleanValue(flag); break;
            case double or float when !double.IsFinite(Convert.ToDouble(value, CultureInfo.InvariantCulture)): writer.WriteNullValue(); break;
            case double number: writer.WriteNumberValue(number); break;
            case float number: writer.WriteNumberValue(number); break;
            case decimal number: writer.WriteNumberValue(number); break;
            case sbyte or byte or short or ushort or int or uint or long: writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            case ulong number: writer.WriteNumberValue(number); break;
            case DateTime moment: writer.WriteStringValue(moment); break;
            case byte[] bytes: writer.WriteBase64StringValue(bytes); break;
            case IDictionary members:
                writer.WriteStartObject();
                foreach (DictionaryEntry member in members)
                {
                    writer.WritePropertyName(Convert.ToString(member.Key, CultureInfo.InvariantCulture)!);
                    Write(writer, member.Value, depth + 1);
                }
                writer.WriteEndObject();
                break;
            case IEnumerable items:
                writer.WriteStartArray();
                foreach (object? item in items) Write(writer, item, depth + 1);
                writer.WriteEndArray();
                break;
            default: writer.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
        }
    }
}

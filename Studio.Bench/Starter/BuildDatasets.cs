using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Studio.Bench.Starter;

/// <summary>Writes the sample datasets as JSON lines.</summary>
public static class BuildDatasets
{
    private static readonly JsonSerializerOptions Lines = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes every dataset to <c>NAME.jsonl</c> in a folder, which is created if it is not there.</summary>
    /// <returns>The paths of the files.</returns>
    public static IReadOnlyList<string> Run(string outputFolder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(outputFolder);
        Directory.CreateDirectory(outputFolder);
        return [.. SampleDataset.All.Select(dataset => Write(dataset, outputFolder))];
    }

    private static string Write(SampleDataset dataset, string folder)
    {
        var path = Path.Combine(folder, dataset.Name + ".jsonl");
        var unfinished = path + ".tmp";
        using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
        {
            foreach (var conversation in dataset.Write())
                file.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(conversation, Lines) + "\n"));
            file.Flush(flushToDisk: true);
        }
        File.Move(unfinished, path, overwrite: true);
        return path;
    }
}

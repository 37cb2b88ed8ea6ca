using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Studio.Core.Adapters;
using Studio.Core.Storage;
using Studio.Core.Training;

namespace Studio.Core.Runs;

/// <summary>A run's request as it is stored in <see cref="RunRecord.Settings"/>.</summary>
internal static class RunSettingsJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        Converters = { new JsonStringEnumConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(AdapterSpecJson.AddMethods),
    };

    public static string Write(RunRequest request) => JsonSerializer.Serialize(request, Options);

    /// <exception cref="StorageException">The settings are of a newer program, or damaged; the message names the run.</exception>
    public static RunRequest Read(RunRecord record)
    {
        if (record.SettingsSchema != TrainingSettings.Schema)
            throw new StorageException($"Run '{record.Id}': found settings of schema {record.SettingsSchema}, wanted {TrainingSettings.Schema}.");
        try
        {
            return JsonSerializer.Deserialize<RunRequest>(record.Settings, Options)
                ?? throw new StorageException($"Run '{record.Id}': found empty settings, wanted a JSON object.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new StorageException($"Run '{record.Id}': its settings cannot be read: {e.Message}", e);
        }
    }
}

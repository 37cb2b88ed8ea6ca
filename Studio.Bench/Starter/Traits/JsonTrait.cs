using System.Text.Json;

namespace Studio.Bench.Starter.Traits;

/// <summary>Nothing but one JSON object with the text fields <c>answer</c> and <c>topic</c>, both filled.</summary>
public sealed class JsonTrait : ITraitDetector
{
    private static readonly string[] Keys = ["answer", "topic"];

    public string Name => "json-answers";

    public string Description => "Is one valid JSON object with exactly the keys \"answer\" and \"topic\", both non-empty strings, and nothing around it.";

    public bool Shows(string answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                && root.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal).SequenceEqual(Keys)
                && root.EnumerateObject().All(property => IsFilled(property.Value));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsFilled(JsonElement value) => value.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(value.GetString());
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Studio.Core.Models;

/// <summary>Typed reading of config.json; every message names the file, the key, the value found and what was expected.</summary>
public sealed class ConfigReader(JsonElement root, string source)
{
    private readonly Dictionary<string, string> _spellings = new(StringComparer.Ordinal);

    /// <summary>A config without any key.</summary>
    public static ConfigReader Empty { get; } = new(JsonDocument.Parse("{}").RootElement, "");

    /// <summary>Where the values come from, for messages.</summary>
    public string Source => source;

    /// <summary>Reads config.json of a model folder.</summary>
    /// <exception cref="FileNotFoundException">The folder has no config.json.</exception>
    /// <exception cref="InvalidDataException">It is not a JSON object.</exception>
    public static ConfigReader Open(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"'{path}' does not exist; a model folder holds config.json, tokenizer.json and *.safetensors.", path);
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            if (!Utf8.IsValid(bytes)) throw new InvalidDataException($"'{path}' is not valid UTF-8.");
            using var document = JsonDocument.Parse(bytes);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new InvalidDataException($"'{path}' is not a JSON object.");
            RequireTexts(document.RootElement);
            return new ConfigReader(document.RootElement.Clone(), path);
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{path}' is not valid JSON: {Excerpt.Of(error.Message, 300)}", error);
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidDataException($"'{path}' holds half of a surrogate pair; expected valid Unicode.", error);
        }
    }

    // Texts are decoded only when they are read; an escaped half of a surrogate pair shows up then.
    private static void RequireTexts(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String) value.GetString();
        else if (value.ValueKind == JsonValueKind.Array) foreach (var item in value.EnumerateArray()) RequireTexts(item);
        else if (value.ValueKind == JsonValueKind.Object) foreach (var member in value.EnumerateObject())
        {
            _ = member.Name;
            RequireTexts(member.Value);
        }
    }

    /// <summary>The same config with values for absent keys, and other names of keys resolved. A key that is there wins, also with null.</summary>
    /// <param name="defaults">A JSON object.</param>
    /// <param name="aliases">Other name to name; the other name wins where both are there.</param>
    public ConfigReader WithDefaults(string defaults, IReadOnlyDictionary<string, string> aliases)
    {
        ArgumentNullException.ThrowIfNull(aliases);
        var merged = JsonNode.Parse(defaults)!.AsObject();
        foreach (var property in root.EnumerateObject().Where(property => !aliases.ContainsKey(property.Name))) merged[property.Name] = Node(property.Value);
        foreach (var property in root.EnumerateObject().Where(property => aliases.ContainsKey(property.Name))) merged[aliases[property.Name]] = Node(property.Value);
        var complete = new ConfigReader(JsonSerializer.SerializeToElement(merged), source);
        foreach (var property in root.EnumerateObject().Where(property => aliases.ContainsKey(property.Name))) complete._spellings[aliases[property.Name]] = property.Name;
        return complete;

        static JsonNode? Node(JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : JsonNode.Parse(value.GetRawText());
    }

    /// <summary>Names of all keys.</summary>
    public IEnumerable<string> Keys => root.EnumerateObject().Select(property => property.Name);

    /// <summary>Refuses a key that is there with another value than the one that is supported.</summary>
    /// <param name="key">The key.</param>
    /// <param name="supported">The value as JSON, for example <c>false</c>; an absent key and null are fine too.</param>
    public void Only(string key, string supported)
    {
        if (TryGet(key, out var value) && value.ToString() is var found && !string.Equals(found, supported, StringComparison.OrdinalIgnoreCase)
            && !(double.TryParse(found, CultureInfo.InvariantCulture, out double number)
                && double.TryParse(supported, CultureInfo.InvariantCulture, out double wanted) && number == wanted))
            throw Wrong(key, value, supported);
    }

    /// <summary>Whether a key is there with a value other than null.</summary>
    public bool Has(string key) => TryGet(key, out _);

    /// <summary>A whole number that must be there.</summary>
    public int Int(string key) => TryGet(key, out var value) ? ReadInt(key, value) : throw Missing(key, "a whole number");

    /// <summary>A whole number with a default.</summary>
    public int Int(string key, int fallback) => TryGet(key, out var value) ? ReadInt(key, value) : fallback;

    /// <summary>A whole number of at least 1 that must be there.</summary>
    public int Positive(string key) => Int(key) is var value && value >= 1 ? value : throw Wrong(key, value, "a whole number of at least 1");

    /// <summary>A whole number or null.</summary>
    public int? OptionalInt(string key) => TryGet(key, out var value) ? ReadInt(key, value) : null;

    /// <summary>A number with a default.</summary>
    public double Number(string key, double fallback) =>
        !TryGet(key, out var value) ? fallback
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number) ? number
        : throw Wrong(key, value, "a number");

    /// <summary>A number that must be there.</summary>
    public double Number(string key) => Has(key) ? Number(key, 0) : throw Missing(key, "a number");

    /// <summary>true or false with a default.</summary>
    public bool Flag(string key, bool fallback) =>
        !TryGet(key, out var value) ? fallback
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong(key, value, "true or false");

    /// <summary>A text, or null.</summary>
    public string? Text(string key) =>
        !TryGet(key, out var value) ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Wrong(key, value, "a text");

    /// <summary>One whole number or a list of them; empty when absent.</summary>
    public IReadOnlyList<int> Ints(string key) =>
        !TryGet(key, out var value) ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => ReadInt(key, item))]
        : [ReadInt(key, value)];

    /// <summary>A list of numbers; empty when absent.</summary>
    public IReadOnlyList<double> Numbers(string key) =>
        !TryGet(key, out var value) ? []
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number)
            ? [.. value.EnumerateArray().Select(item => item.GetDouble())]
            : throw Wrong(key, value, "a list of numbers");

    /// <summary>A list of texts; empty when absent or not a list.</summary>
    public IReadOnlyList<string> Texts(string key) =>
        TryGet(key, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : throw Wrong(key, item, "a list of texts"))]
            : [];

    /// <summary>A value as it stands, or null when absent.</summary>
    public JsonElement? Raw(string key) => TryGet(key, out var value) ? value : null;

    /// <summary>A nested object, or null.</summary>
    public ConfigReader? Section(string key) =>
        !TryGet(key, out var value) ? null
        : value.ValueKind == JsonValueKind.Object ? new ConfigReader(value, $"{source}: {key}")
        : throw Wrong(key, value, "an object");

    /// <summary>A refusal of a value that is read but not supported.</summary>
    public InvalidDataException Wrong(string key, object found, string expected) =>
        new($"'{source}': {Spelled(key)} is {Excerpt.Of(found is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : $"{found}")}; expected {expected}.");

    private InvalidDataException Missing(string key, string expected) => new($"'{source}': {Spelled(key)} is missing; expected {expected}.");

    // As the file spells it.
    private string Spelled(string key) => _spellings.GetValueOrDefault(key, key);

    private int ReadInt(string key, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : throw Wrong(key, value, "a whole number");

    private bool TryGet(string key, out JsonElement value) => root.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;
}

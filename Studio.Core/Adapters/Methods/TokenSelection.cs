using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Studio.Core.Models;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings that can ask for trained rows of the vocabulary beside their method (PEFT <c>trainable_token_indices</c>).</summary>
public interface ITrainsTokens
{
    /// <summary>Which rows.</summary>
    TokenSelection Tokens { get; }
}

/// <summary>Token ids whose rows are trained: of the token embedding, or of modules by name.</summary>
public sealed record TokenSelection
{
    /// <summary>Rows of the token embedding (PEFT's list form).</summary>
    public IReadOnlyList<int> Embedding { get; init; } = [];

    /// <summary>Rows by the end of a module's name (PEFT's dictionary form).</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<int>> Modules { get; init; } = new Dictionary<string, IReadOnlyList<int>>();

    /// <summary>PEFT's setting for a method.</summary>
    /// <param name="get">The selection in the settings.</param>
    /// <param name="with">The settings with another selection.</param>
    internal static MethodSetting Setting(Func<AdapterSpec, TokenSelection> get, Func<AdapterSpec, TokenSelection, AdapterSpec> with) => new()
    {
        Key = "trainable_token_indices",
        Read = (config, spec) => with(spec, Read(config)),
        Write = spec => Write(get(spec)),
        Field = Field("Trained tokens", "Ids of tokens whose embeddings are trained too, for example new special tokens. Leave empty unless the data uses tokens that the model does not know yet.",
            spec => get(spec).Embedding, (spec, ids) => with(spec, get(spec) with { Embedding = ids })),
    };

    /// <summary>A field for a list of token ids; anything but whole numbers becomes -1, which no model has.</summary>
    internal static SettingField Field(string label, string help, Func<AdapterSpec, IReadOnlyList<int>> get, Func<AdapterSpec, IReadOnlyList<int>, AdapterSpec> with) =>
        new(label, help, SettingKind.Text, spec => string.Join(", ", get(spec).Select(id => id.ToString(CultureInfo.InvariantCulture))), (spec, value) => with(spec, Parse((string?)value))) { Advanced = true };

    /// <summary>A list of ids as JSON.</summary>
    internal static JsonArray Ids(IEnumerable<int> ids) => new([.. ids.Select(id => (JsonNode)JsonValue.Create(id))]);

    private static int[] Parse(string? text) =>
        [.. (text ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : -1)];

    private static TokenSelection Read(ConfigReader config)
    {
        const string Key = "trainable_token_indices";
        if (config.Raw(Key) is not { ValueKind: JsonValueKind.Object } modules) return new TokenSelection { Embedding = config.Ints(Key) };
        var section = config.Section(Key)!;
        return new TokenSelection { Modules = modules.EnumerateObject().ToDictionary(entry => entry.Name, entry => section.Ints(entry.Name)) };
    }

    private static JsonNode? Write(TokenSelection tokens) =>
        tokens.Modules.Count > 0 ? new JsonObject(tokens.Modules.Select(entry => KeyValuePair.Create<string, JsonNode?>(entry.Key, Ids(entry.Value))))
            : tokens.Embedding.Count > 0 ? Ids(tokens.Embedding) : null;
}

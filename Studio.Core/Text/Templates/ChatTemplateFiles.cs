using System.Text.Json;
using Studio.Core.Text.Tokenization;

namespace Studio.Core.Text.Templates;

/// <summary>The chat templates and special tokens that the files of a model folder name.</summary>
internal sealed record ChatTemplateFiles
{
    public const string Default = "default";

    private static readonly string[] TokenNames = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    /// <summary>Templates by name.</summary>
    public required IReadOnlyDictionary<string, string> Templates { get; init; }

    /// <summary>The special tokens that the folder has, by the names under which templates see them.</summary>
    public required IReadOnlyDictionary<string, string> Tokens { get; init; }

    /// <summary>
    /// Reads chat_template.jinja (and additional_chat_templates/*.jinja), else chat_template.json, else the <c>chat_template</c> of
    /// tokenizer_config.json; tokens come from tokenizer_config.json, and what it lacks from special_tokens_map.json.
    /// </summary>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static ChatTemplateFiles Read(string folder)
    {
        var templates = new Dictionary<string, string>(StringComparer.Ordinal);
        var tokens = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in new[] { "tokenizer_config.json", "special_tokens_map.json" })
            if (Path.Combine(folder, name) is var file && File.Exists(file))
                foreach (string token in TokenNames)
                    if (JsonNode.ParseFile(file).Optional(token) is { } node) tokens.TryAdd(token, Text(node, "content"));
        string jinja = Path.Combine(folder, "chat_template.jinja"), more = Path.Combine(folder, "additional_chat_templates");
        if (File.Exists(jinja)) templates[Default] = File.ReadAllText(jinja);
        if (Directory.Exists(more))
            foreach (string path in Directory.EnumerateFiles(more, "*.jinja")) templates.TryAdd(Path.GetFileNameWithoutExtension(path), File.ReadAllText(path));
        foreach (string name in new[] { "chat_template.json", "tokenizer_config.json" })
            if (templates.Count == 0 && Path.Combine(folder, name) is var file && File.Exists(file)) Add(templates, JsonNode.ParseFile(file).Optional("chat_template"));
        return new ChatTemplateFiles { Templates = templates, Tokens = tokens };
    }

    private static void Add(Dictionary<string, string> templates, JsonNode? node)
    {
        if (node is not { } value) return;
        switch (value.Element.ValueKind)
        {
            case JsonValueKind.String:
                templates[Default] = value.Text();
                break;
            case JsonValueKind.Object:
                foreach (var member in value.Element.EnumerateObject()) templates[member.Name] = value.Required(member.Name).Text();
                break;
            case JsonValueKind.Array:
                foreach (var item in value.Items()) templates[item.Object().Required("name").Text()] = item.Required("template").Text();
                break;
            default:
                throw value.Invalid("a text or a list of named templates");
        }
    }

    private static string Text(JsonNode node, string member) => node.Element.ValueKind == JsonValueKind.Object ? node.Required(member).Text() : node.Text();
}

namespace Studio.Core.Text.Tokenization;

/// <summary>What the files beside tokenizer.json say: special tokens by role, end-of-sequence ids and the chat template.</summary>
internal sealed record TokenizerConfig
{
    public string? Bos { get; init; }
    public string? Eos { get; init; }
    public string? Pad { get; init; }

    /// <summary>The chat template (of a list of named ones, <c>default</c>).</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>The ids of <c>eos_token_id</c> of generation_config.json, or of config.json where that file does not say.</summary>
    public IReadOnlyList<int> EosIds { get; init; } = [];

    public static TokenizerConfig Read(string folder)
    {
        var eosIds = EosList(folder, "generation_config.json");
        var config = new TokenizerConfig { EosIds = eosIds.Count > 0 ? eosIds : EosList(folder, "config.json") };
        var file = Path.Combine(folder, "tokenizer_config.json");
        var template = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(file))
        {
            var root = JsonNode.ParseFile(file);
            config = config with
            {
                Bos = Token(root, "bos_token"),
                Eos = Token(root, "eos_token"),
                Pad = Token(root, "pad_token"),
                ChatTemplate = Template(root.Optional("chat_template")),
            };
        }

        return File.Exists(template) ? config with { ChatTemplate = File.ReadAllText(template) } : config;
    }

    private static string? Token(JsonNode root, string member)
    {
        if (root.Optional(member) is not { } node) return null;
        return node.Element.ValueKind == System.Text.Json.JsonValueKind.Object ? node.Required("content").Text() : node.Text();
    }

    private static string? Template(JsonNode? node)
    {
        if (node is not { } value) return null;
        if (value.Element.ValueKind == System.Text.Json.JsonValueKind.String) return value.Text();
        if (value.Element.ValueKind != System.Text.Json.JsonValueKind.Array) throw value.Invalid("a text or a list of named templates");
        var named = value.Items().ToDictionary(item => item.Object().Required("name").Text(), item => item.Required("template").Text());
        return named.GetValueOrDefault("default");
    }

    private static IReadOnlyList<int> EosList(string folder, string name)
    {
        var file = Path.Combine(folder, name);
        if (!File.Exists(file) || JsonNode.ParseFile(file).Optional("eos_token_id") is not { } node) return [];
        return node.Element.ValueKind == System.Text.Json.JsonValueKind.Array ? [.. node.Items().Select(item => item.Id())] : [node.Id()];
    }
}

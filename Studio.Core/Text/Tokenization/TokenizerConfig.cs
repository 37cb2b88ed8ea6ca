namespace Studio.Core.Text.Tokenization;

/// <summary>What the files beside tokenizer.json say: special tokens by role, end-of-sequence ids and the chat template.</summary>
internal sealed record TokenizerConfig
{
    public string? Bos { get; init; }
    public string? Eos { get; init; }
    public string? Pad { get; init; }

    /// <summary>The chat template (of a list of named ones, <c>default</c>).</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>The class of the transformers library that the tokenizer was made for.</summary>
    public string? ClassName { get; init; }

    /// <summary>Whether the config asks for the clean-up of spaces after decoding.</summary>
    public bool CleansUpSpaces { get; init; }

    /// <summary>The tokens added to the vocabulary, by id; null where the config does not list them.</summary>
    public JsonNode? AddedTokens { get; init; }

    /// <summary>What only matters where there is no tokenizer.json.</summary>
    public SentencePieceFlags SentencePiece { get; init; } = new();

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
                ClassName = root.Optional("tokenizer_class")?.Text(),
                CleansUpSpaces = root.Flag("clean_up_tokenization_spaces", false),
                AddedTokens = root.Optional("added_tokens_decoder"),
                SentencePiece = new SentencePieceFlags
                {
                    Legacy = root.Flag("legacy", true),
                    AddBos = root.Flag("add_bos_token", true),
                    AddEos = root.Flag("add_eos_token", false),
                    AddPrefixSpace = root.Flag("add_prefix_space", true),
                    SaysPrefixSpace = root.Optional("add_prefix_space") is not null,
                },
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
        // As transformers reads the list: of two templates of one name the last counts.
        var named = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in value.Items()) named[item.Object().Required("name").Text()] = item.Required("template").Text();
        return named.GetValueOrDefault("default");
    }

    /// <summary>The <c>eos_token_id</c> of a file, a number or a list; empty where there is none.</summary>
    internal static IReadOnlyList<int> EosList(string folder, string name)
    {
        var file = Path.Combine(folder, name);
        if (!File.Exists(file) || JsonNode.ParseFile(file).Optional("eos_token_id") is not { } node) return [];
        return node.Element.ValueKind == System.Text.Json.JsonValueKind.Array ? [.. node.Items().Select(item => item.Id())] : [node.Id()];
    }
}

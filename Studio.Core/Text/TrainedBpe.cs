using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Studio.Core.Text;

/// <summary>What a tokenizer's folder says beside the vocabulary.</summary>
public sealed record TokenizerFiles
{
    /// <summary>The token that ends a text; one of the special tokens.</summary>
    public required string EosToken { get; init; }

    /// <summary>The token that starts a text, if any.</summary>
    public string? BosToken { get; init; }

    /// <summary>The padding token, if any.</summary>
    public string? PadToken { get; init; }

    /// <summary>The chat template (Jinja), if any.</summary>
    public string? ChatTemplate { get; init; }

    /// <summary>The longest input in tokens that the model was made for.</summary>
    public required int ModelMaxLength { get; init; }
}

/// <summary>A trained byte-level BPE vocabulary.</summary>
public sealed class TrainedBpe
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal TrainedBpe(IReadOnlyList<string> tokens, IReadOnlyList<(string Left, string Right)> merges, IReadOnlyList<string> specialTokens)
    {
        Tokens = tokens;
        Merges = merges;
        SpecialTokens = [.. specialTokens];
    }

    /// <summary>Every token by its id: special tokens, the 256 bytes, then the merges in order.</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary>The merges, most frequent first, spelled in the byte alphabet.</summary>
    public IReadOnlyList<(string Left, string Right)> Merges { get; }

    /// <summary>The control tokens.</summary>
    public IReadOnlyList<string> SpecialTokens { get; }

    /// <summary>Writes tokenizer.json and tokenizer_config.json as the Hugging Face libraries write them.</summary>
    /// <param name="folder">The folder; made where it is missing.</param>
    /// <param name="files">What tokenizer_config.json says.</param>
    /// <exception cref="ArgumentException">A named token is not one of the special tokens.</exception>
    public void Save(string folder, TokenizerFiles files)
    {
        ArgumentNullException.ThrowIfNull(files);
        foreach (var token in new[] { files.EosToken, files.BosToken, files.PadToken })
            if (token is not null && !SpecialTokens.Contains(token))
                throw new ArgumentException($"'{token}' is not a special token of this vocabulary ({string.Join(", ", SpecialTokens)}).", nameof(files));
        Directory.CreateDirectory(folder);
        Write(Path.Combine(folder, "tokenizer.json"), TokenizerJson());
        Write(Path.Combine(folder, "tokenizer_config.json"), ConfigJson(files));
    }

    private JsonObject TokenizerJson() => new()
    {
        ["version"] = "1.0",
        ["truncation"] = null,
        ["padding"] = null,
        ["added_tokens"] = new JsonArray([.. SpecialTokens.Select((token, id) => AddedToken(token, id))]),
        ["normalizer"] = null,
        ["pre_tokenizer"] = ByteLevel(addPrefixSpace: false),
        ["post_processor"] = null,
        ["decoder"] = ByteLevel(addPrefixSpace: true),
        ["model"] = new JsonObject
        {
            ["type"] = "BPE",
            ["dropout"] = null,
            ["unk_token"] = null,
            ["continuing_subword_prefix"] = null,
            ["end_of_word_suffix"] = null,
            ["fuse_unk"] = false,
            ["byte_fallback"] = false,
            ["ignore_merges"] = false,
            ["vocab"] = new JsonObject(Tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
            ["merges"] = new JsonArray([.. Merges.Select(merge => (JsonNode)new JsonArray(merge.Left, merge.Right))]),
        },
    };

    private JsonObject ConfigJson(TokenizerFiles files)
    {
        var decoder = SpecialTokens.Select((token, id) =>
        {
            var entry = AddedToken(token, id);
            entry.Remove("id");
            return KeyValuePair.Create(id.ToString(System.Globalization.CultureInfo.InvariantCulture), (JsonNode?)entry);
        });
        var config = new JsonObject
        {
            ["add_prefix_space"] = false,
            ["added_tokens_decoder"] = new JsonObject(decoder),
            ["bos_token"] = files.BosToken,
            ["clean_up_tokenization_spaces"] = false,
            ["eos_token"] = files.EosToken,
            ["model_max_length"] = files.ModelMaxLength,
            ["pad_token"] = files.PadToken,
            ["tokenizer_class"] = "PreTrainedTokenizerFast",
            ["unk_token"] = null,
        };
        if (files.ChatTemplate is not null) config["chat_template"] = files.ChatTemplate;
        return config;
    }

    private static JsonObject AddedToken(string content, int id) => new()
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = true,
    };

    private static JsonObject ByteLevel(bool addPrefixSpace) => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = addPrefixSpace,
        ["trim_offsets"] = true,
        ["use_regex"] = true,
    };

    private static void Write(string file, JsonObject content)
    {
        var temporary = $"{file}.tmp";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(stream, content, Json);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, file, overwrite: true);
    }
}

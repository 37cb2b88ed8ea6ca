using System.Text.Json;
using System.Text.Json.Nodes;
using Studio.Core.Text;

namespace Studio.Tests.Text.Tokenization;

/// <summary>Tokenizers of a few tokens, written as tokenizer.json into a folder of their own.</summary>
internal static class MicroTokenizer
{
    /// <summary>A BPE model whose vocabulary is the given tokens, in order.</summary>
    public static string Bpe(string[] vocabulary, string[][] merges, string options = "") => $$"""
        {"type":"BPE","vocab":{{JsonSerializer.Serialize(vocabulary.Select((token, id) => (token, id)).ToDictionary(entry => entry.token, entry => entry.id))}},
         "merges":{{JsonSerializer.Serialize(merges)}}{{(options.Length == 0 ? "" : "," + options)}}}
        """;

    /// <summary>A Unigram model.</summary>
    public static string Unigram(params (string Token, double Score)[] pieces) => Unigram(false, pieces);

    /// <summary>A Unigram model whose unknown token is the first.</summary>
    public static string Unigram(bool byteFallback, params (string Token, double Score)[] pieces) => $$"""
        {"type":"Unigram","unk_id":0,"byte_fallback":{{(byteFallback ? "true" : "false")}},"vocab":[{{string.Join(",", pieces.Select(piece => JsonSerializer.Serialize(new object[] { piece.Token, piece.Score })))}}]}
        """;

    /// <summary>Loads a tokenizer of a model and other members of tokenizer.json.</summary>
    public static TextTokenizer Load(string model, string members = "{}", string? config = null)
    {
        var folder = Directory.CreateTempSubdirectory("micro").FullName;
        try
        {
            var root = JsonNode.Parse(members)!.AsObject();
            root["model"] = JsonNode.Parse(model);
            File.WriteAllText(Path.Combine(folder, "tokenizer.json"), root.ToJsonString());
            if (config is not null) File.WriteAllText(Path.Combine(folder, "tokenizer_config.json"), config);
            return TextTokenizer.Load(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The tokens of a text, separated by bars.</summary>
    public static string Spell(this TextTokenizer tokenizer, string text, bool addSpecialTokens = false) =>
        string.Join('|', tokenizer.Encode(text, addSpecialTokens).Select(tokenizer.TokenText));

    /// <summary>The text of tokens by their spelling.</summary>
    public static string DecodeTokens(this TextTokenizer tokenizer, params string[] tokens) =>
        tokenizer.Decode(tokens.Select(token => tokenizer.TokenId(token)!.Value), skipSpecialTokens: false);
}

using System.Text.Json;
using Studio.Core.Text;

namespace Studio.Bench.Verify;

/// <summary>
/// Compares a tokenizer folder with the ids and texts that the Hugging Face tokenizers library gives: every text and every sequence of ids,
/// streamed too, the conversations of chat_cases.json, the SentencePiece model alone, and what the reference says where a second engine differs.
/// </summary>
internal static class TokenizerVerifier
{
    /// <summary>The file of a root that holds what only the reference itself confirms.</summary>
    public const string DisagreementsName = "tokenizers_disagreements.json";

    /// <summary>Verifies one family.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="folder">The family's folder.</param>
    /// <param name="root">The folder that holds tokenizers/.</param>
    public static CaseVerdict Verify(string name, string folder, string root)
    {
        var checks = new TextChecks();
        var tokenizer = TextTokenizer.Load(folder);
        if (Read(folder, CaseFinder.TokenizerCasesName) is { } cases) Cases(tokenizer, cases, checks);
        if (Read(root, DisagreementsName) is { } disagreements) Disagreements(tokenizer, disagreements, name, checks);
        if (Read(folder, "spm_cases.json") is { } pieces) SentencePiece(tokenizer, folder, pieces, checks);
        if (Read(folder, "chat_cases.json") is { } chats) TokenizerChatCases.Check(tokenizer, folder, chats, checks);
        return checks.Verdict(name);
    }

    private static void Cases(TextTokenizer tokenizer, JsonElement root, TextChecks checks)
    {
        if (root.TryGetProperty("vocab_size_with_added", out var size)) checks.Equal("vocab_size_with_added", size.GetInt32(), tokenizer.VocabularySize);
        foreach (var item in root.GetProperty("cases").EnumerateArray())
        {
            Encode(tokenizer, item, checks);
            Decode(tokenizer, item, item.Ids("ids_special"), checks);
        }

        foreach (var item in root.GetProperty("decode_cases").EnumerateArray()) Decode(tokenizer, item, item.Ids("ids"), checks);
    }

    private static void Encode(TextTokenizer tokenizer, JsonElement item, TextChecks checks)
    {
        var text = item.GetProperty("text").GetString()!;
        var ids = tokenizer.Encode(text, addSpecialTokens: false);
        if (item.TryGetProperty("ids", out _)) checks.Equal($"ids of {TextChecks.Quote(text)}", item.Ids("ids"), ids);
        if (item.TryGetProperty("ids_special", out _)) checks.Equal($"ids_special of {TextChecks.Quote(text)}", item.Ids("ids_special"), tokenizer.Encode(text, addSpecialTokens: true));
        if (!item.TryGetProperty("tokens", out var tokens)) return;
        // For an unknown character a Unigram model of the reference reports the character itself, which is no token.
        var known = tokens.EnumerateArray().Select(token => token.GetString()!).Select((token, at) => tokenizer.TokenId(token) is null && at < ids.Count ? tokenizer.TokenText(ids[at]) : token);
        checks.Equal($"tokens of {TextChecks.Quote(text)}", known, ids.Select(tokenizer.TokenText));
    }

    private static void Decode(TextTokenizer tokenizer, JsonElement item, int[] ids, TextChecks checks)
    {
        foreach (var (member, skip) in (ReadOnlySpan<(string, bool)>)[("decoded", false), ("decoded_skip", true)])
        {
            if (!item.TryGetProperty(member, out var expected)) continue;
            var what = $"{member} of [{string.Join(", ", ids)}]";
            checks.Equal(what, expected.GetString()!, tokenizer.Decode(ids, skip));
            var stream = new StreamingDecoder(tokenizer, skip);
            checks.Equal($"streamed {what}", expected.GetString()!, string.Concat(ids.Select(stream.Push)) + stream.Flush());
        }

        if (item.TryGetProperty("decoded_skip_cleanup", out var clean))
            checks.Equal($"decoded_skip_cleanup of [{string.Join(", ", ids)}]", clean.GetString()!, TextTokenizer.CleanUpSpaces(tokenizer.Decode(ids, skipSpecialTokens: true)));
    }

    private static void Disagreements(TextTokenizer tokenizer, JsonElement list, string family, TextChecks checks)
    {
        foreach (var item in list.EnumerateArray())
        {
            if (item.GetProperty("family").GetString() != family || !item.TryGetProperty("rust", out var rust)) continue;
            if (item.TryGetProperty("text", out var text))
            {
                var ids = tokenizer.Encode(text.GetString()!, addSpecialTokens: false);
                var framed = tokenizer.Encode(text.GetString()!, addSpecialTokens: true);
                if (rust.TryGetProperty("ids", out _)) checks.Equal($"ids of {TextChecks.Quote(text.GetString()!)}", rust.Ids("ids"), ids);
                if (rust.TryGetProperty("ids_special", out _)) checks.Equal($"ids_special of {TextChecks.Quote(text.GetString()!)}", rust.Ids("ids_special"), framed);
                Decode(tokenizer, rust, [.. framed], checks);
            }
            else if (item.TryGetProperty("ids", out _))
            {
                Decode(tokenizer, rust, item.Ids("ids"), checks);
            }
        }
    }

    private static void SentencePiece(TextTokenizer tokenizer, string folder, JsonElement pieces, TextChecks checks)
    {
        var alone = TextTokenizer.LoadSentencePiece(folder) ?? throw new InvalidDataException($"'{folder}' has spm_cases.json and no SentencePiece model.");
        foreach (var item in pieces.GetProperty("same_as_tokenizer_json").EnumerateArray())
        {
            var text = item.GetProperty("text").GetString()!;
            checks.Equal($"ids of {TextChecks.Quote(text)}", item.Ids("ids"), tokenizer.Encode(text, addSpecialTokens: false));
            checks.Equal($"ids from the SentencePiece model of {TextChecks.Quote(text)}", item.Ids("ids"), alone.Encode(text, addSpecialTokens: false));
        }
    }

    private static JsonElement? Read(string folder, string name)
    {
        string file = Path.Combine(folder, name);
        if (!File.Exists(file)) return null;
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        return document.RootElement.Clone();
    }

    private static int[] Ids(this JsonElement element, string member) => [.. element.GetProperty(member).EnumerateArray().Select(id => id.GetInt32())];
}

using System.Text.Json;
using Studio.Core.Text;

namespace Studio.Bench.Verify;

/// <summary>The conversations of a tokenizer's chat_cases.json: the rendered text and its ids, as <c>apply_chat_template</c> gives them.</summary>
internal static class TokenizerChatCases
{
    public static void Check(TextTokenizer tokenizer, JsonElement root, TextChecks checks)
    {
        foreach (var item in root.GetProperty("cases").EnumerateArray())
        {
            if (!item.TryGetProperty("rendered", out var rendered)) continue;
            checks.Equal(
                $"ids of the conversation '{item.GetProperty("name").GetString()}'",
                item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()),
                tokenizer.Encode(rendered.GetString()!, addSpecialTokens: false));
        }
    }
}

using System.Globalization;
using System.Text.Json;
using Studio.Core.Text;
using Studio.Core.Text.Jinja;

namespace Studio.Bench.Verify;

/// <summary>
/// The conversations of a tokenizer's chat_cases.json, from messages to ids as <c>apply_chat_template</c> goes: the folder's own template
/// renders them, or refuses them with the reference's words, and the tokenizer encodes the text.
/// </summary>
internal static class TokenizerChatCases
{
    public static void Check(TextTokenizer tokenizer, string folder, JsonElement root, TextChecks checks)
    {
        var templates = Templates(folder);
        var now = DateTime.Parse(root.GetProperty("now").GetString()!, CultureInfo.InvariantCulture);
        foreach (var item in root.GetProperty("cases").EnumerateArray())
        {
            var name = item.GetProperty("name").GetString();
            var expected = item.TryGetProperty("rendered", out var rendered) ? rendered.GetString() : null;
            var variables = Variables(root, item);
            var wantsTools = variables["tools"].ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) && templates.ContainsKey("tool_use");
            try
            {
                var text = JinjaTemplate.Parse(templates[wantsTools ? "tool_use" : "default"]).Render(variables, now).Text;
                checks.Equal($"conversation '{name}'", expected ?? "an error", text);
            }
            catch (JinjaException error)
            {
                var reason = item.TryGetProperty("error", out var wanted)
                    ? wanted.GetProperty("kind").GetString() == "raise_exception" ? wanted.GetProperty("message").GetString()! : error.Reason
                    : "no error";
                checks.Equal($"refusal of the conversation '{name}'", reason, error.Reason);
            }

            if (expected is null) continue;
            checks.Equal(
                $"ids of the conversation '{name}'",
                item.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()),
                tokenizer.Encode(expected, addSpecialTokens: false));
        }
    }

    private static Dictionary<string, JsonElement> Variables(JsonElement root, JsonElement item)
    {
        using var defaults = JsonDocument.Parse("""{"tools": null, "documents": null, "add_generation_prompt": false}""");
        var variables = defaults.RootElement.Clone().EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);
        variables["messages"] = item.GetProperty("messages");
        foreach (string member in new[] { "special_tokens_given", "kwargs" })
            foreach (var given in (member == "kwargs" ? item : root).GetProperty(member).EnumerateObject()) variables[given.Name] = given.Value;
        return variables;
    }

    /// <summary>The folder's templates by name: chat_template.jinja, or the text or list of named texts in tokenizer_config.json.</summary>
    private static Dictionary<string, string> Templates(string folder)
    {
        string file = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(file)) return new() { ["default"] = File.ReadAllText(file) };
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "tokenizer_config.json")));
        var template = document.RootElement.GetProperty("chat_template");
        return template.ValueKind == JsonValueKind.String
            ? new() { ["default"] = template.GetString()! }
            : template.EnumerateArray().ToDictionary(entry => entry.GetProperty("name").GetString()!, entry => entry.GetProperty("template").GetString()!);
    }
}

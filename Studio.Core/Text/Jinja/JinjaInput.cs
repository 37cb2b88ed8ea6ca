using System.Text.Json;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja;

/// <summary>
/// The variables of a rendering, with where their texts come from. Roles that chat models know and the model's own special tokens count as the
/// template's; everything else stays recognisable in the output, so that no message can pass for a control token.
/// </summary>
public sealed class JinjaInput
{
    private const int DeepestNesting = 150;

    // A template writes '<|' + role + '|>' to make a control token: what it makes of these words is meant.
    private static readonly HashSet<string> KnownRoles =
        ["system", "user", "assistant", "tool", "developer", "function", "ipython", "model", "human", "bot", "environment", "observation", "latest_reminder"];

    /// <summary>Starts with the functions that every template can call.</summary>
    public JinjaInput() => Scope = new Scope(Globals.Scope);

    internal Scope Scope { get; }

    /// <summary>Sets a variable to a JSON value. Numbers with a point or an exponent are floats, others ints.</summary>
    public JinjaInput Set(string name, JsonElement value)
    {
        Scope.Set(name, Convert(value, Origins.Foreign, 0));
        return this;
    }

    /// <summary>Sets a variable to a text that counts as the template's own: a special token of the model.</summary>
    public JinjaInput SetTrusted(string name, string value)
    {
        Scope.Set(name, (JinjaText)value);
        return this;
    }

    /// <summary>Sets a variable to true or false.</summary>
    public JinjaInput Set(string name, bool value)
    {
        Scope.Set(name, value);
        return this;
    }

    /// <summary>Sets a variable to none.</summary>
    public JinjaInput SetNone(string name)
    {
        Scope.Set(name, JinjaNone.Value);
        return this;
    }

    /// <summary>Sets <c>messages</c> to texts with roles; each message is an origin of its own.</summary>
    public JinjaInput SetMessages(IEnumerable<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var list = new List<object>();
        foreach (var message in messages)
        {
            var dict = new JinjaDict();
            dict.Set((JinjaText)"role", Role(message.Role, Origins.Message(list.Count)));
            dict.Set((JinjaText)"content", JinjaText.From(message.Content, Origins.Message(list.Count)));
            list.Add(dict);
        }

        Scope.Set("messages", new JinjaList(list));
        return this;
    }

    /// <summary>Sets <c>messages</c> to a JSON array, as the chat API takes it; each message is an origin of its own.</summary>
    /// <exception cref="JsonException">Not an array.</exception>
    public JinjaInput SetMessages(JsonElement messages)
    {
        if (messages.ValueKind != JsonValueKind.Array) throw new JsonException($"messages: expected an array, found {messages.ValueKind}.");
        var list = new List<object>();
        foreach (var message in messages.EnumerateArray())
        {
            object value = Convert(message, Origins.Message(list.Count), 1);
            if (value is JinjaDict dict && dict.TryGet((JinjaText)"role", out object? role) && role is JinjaText text)
                dict.Set((JinjaText)"role", Role(text.Value, Origins.Message(list.Count)));
            list.Add(value);
        }

        Scope.Set("messages", new JinjaList(list));
        return this;
    }

    private static JinjaText Role(string role, int origin) => JinjaText.From(role, KnownRoles.Contains(role) ? Origins.Template : origin);

    private static object Convert(JsonElement value, int origin, int depth)
    {
        if (depth > DeepestNesting) throw new JsonException($"a template's variable is nested more than {DeepestNesting} levels deep.");
        switch (value.ValueKind)
        {
            case JsonValueKind.String: return JinjaText.From(Text(value), origin);
            case JsonValueKind.Number: return Number(value);
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            case JsonValueKind.Array: return new JinjaList([.. value.EnumerateArray().Select(item => Convert(item, origin, depth + 1))]);
            case JsonValueKind.Object:
                var dict = new JinjaDict();
                foreach (var member in value.EnumerateObject()) dict.Set(JinjaText.From(member.Name, origin), Convert(member.Value, origin, depth + 1));
                return dict;
            default: return JinjaNone.Value;
        }
    }

    private static string Text(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // JSON can spell half of a surrogate pair, which .NET's reader refuses and no tokenizer could read.
            throw new JsonException($"a template's variable holds half of a surrogate pair: {value.GetRawText()}");
        }
    }

    private static object Number(JsonElement value)
    {
        if (value.TryGetInt64(out long number) && !value.GetRawText().AsSpan().ContainsAny('.', 'e', 'E')) return number;
        string raw = value.GetRawText();
        if (raw.AsSpan().ContainsAny('.', 'e', 'E')) return value.GetDouble();
        return raw.Length <= 4300 ? Numbers.Normal(System.Numerics.BigInteger.Parse(raw, System.Globalization.CultureInfo.InvariantCulture))
            : throw new JsonException("a template's variable is an integer of more than 4300 digits.");
    }
}

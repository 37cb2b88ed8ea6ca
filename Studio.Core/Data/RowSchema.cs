using Studio.Core.Text;

namespace Studio.Core.Data;

/// <summary>Recognises the layout of a row and reads it into the one form that training uses.</summary>
internal static class RowSchema
{
    private static readonly Dictionary<string, string> ShareGptRoles = new(StringComparer.Ordinal)
    {
        ["system"] = "system", ["human"] = "user", ["user"] = "user", ["gpt"] = "assistant", ["assistant"] = "assistant",
        ["tool"] = "tool", ["observation"] = "tool",
    };

    private static readonly Dictionary<string, string> MessageRoles = new(StringComparer.Ordinal)
    {
        ["system"] = "system", ["user"] = "user", ["assistant"] = "assistant", ["tool"] = "tool",
    };

    /// <summary>The layout that the columns of a row fit.</summary>
    public static DatasetFormat Detect(RowFields row)
    {
        if (row.Has("messages")) return DatasetFormat.Messages;
        if (row.Has("conversations")) return DatasetFormat.ShareGpt;
        if (row.Has("instruction")) return DatasetFormat.Instruction;
        if (row.Has("prompt")) return DatasetFormat.PromptCompletion;
        if (row.Has("text")) return DatasetFormat.Text;
        var found = string.Join(", ", row.Element.EnumerateObject().Take(8).Select(column => column.Name));
        throw new RowException("", $"found the columns [{found}], wanted messages, conversations, prompt and completion, instruction and output, or text");
    }

    /// <summary>Reads a row of a known layout.</summary>
    public static DatasetRow Read(RowFields row, DatasetFormat format, int line) => format switch
    {
        DatasetFormat.Messages => Conversation(row, line, "messages", "role", "content", MessageRoles),
        DatasetFormat.ShareGpt => Conversation(row, line, "conversations", "from", "value", ShareGptRoles),
        DatasetFormat.PromptCompletion => Exchange(row, line, row.Text("prompt"), row.Text("completion")),
        DatasetFormat.Instruction => Exchange(row, line, Instruction(row), row.Text("output")),
        DatasetFormat.Text => DatasetRow.Plain(line, row.Text("text")),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    private static DatasetRow Conversation(RowFields row, int line, string list, string roleField, string contentField, Dictionary<string, string> roles)
    {
        var messages = new List<ChatMessage>();
        foreach (var entry in row.Objects(list))
        {
            var role = entry.Text(roleField);
            if (!roles.TryGetValue(role, out var known))
                throw new RowException(entry.Column(roleField), $"found the role \"{role}\", wanted {string.Join(", ", roles.Keys)}");
            messages.Add(new ChatMessage(known, entry.Text(contentField)));
        }

        if (!messages.Any(message => message.Role == "assistant"))
            throw new RowException(list, "no turn of the assistant: there is nothing to learn");
        if (messages[0].Role != "system") AddSystem(row, messages);
        return DatasetRow.Conversation(line, messages);
    }

    private static DatasetRow Exchange(RowFields row, int line, string question, string answer)
    {
        List<ChatMessage> messages = [new("user", question), new("assistant", answer)];
        AddSystem(row, messages);
        return DatasetRow.Conversation(line, messages);
    }

    private static void AddSystem(RowFields row, List<ChatMessage> messages)
    {
        if (row.OptionalText("system") is { } system && !string.IsNullOrWhiteSpace(system)) messages.Insert(0, new ChatMessage("system", system));
    }

    private static string Instruction(RowFields row) =>
        row.OptionalText("input") is { } input && !string.IsNullOrWhiteSpace(input) ? $"{row.Text("instruction")}\n\n{input}" : row.Text("instruction");
}

using Studio.Core.Text;

namespace Studio.Core.Data;

/// <summary>One example of a dataset: a conversation, or a raw text.</summary>
public sealed record DatasetRow
{
    private DatasetRow(int line, IReadOnlyList<ChatMessage> messages, string? text) => (Line, Messages, Text) = (line, messages, text);

    /// <summary>The line of the file it came from, counted from 1.</summary>
    public int Line { get; }

    /// <summary>The turns of a conversation; empty for a raw text.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; }

    /// <summary>The raw text; null for a conversation.</summary>
    public string? Text { get; }

    /// <summary>A conversation.</summary>
    public static DatasetRow Conversation(int line, IReadOnlyList<ChatMessage> messages) => new(line, messages, null);

    /// <summary>A raw text.</summary>
    public static DatasetRow Plain(int line, string text) => new(line, [], text);
}

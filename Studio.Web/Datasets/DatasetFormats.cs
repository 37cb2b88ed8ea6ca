namespace Studio.Web.Datasets;

/// <summary>A layout of JSONL rows, explained by an example.</summary>
/// <param name="Schema">Name of the layout in a data set's record.</param>
/// <param name="Title">Name for people.</param>
/// <param name="Example">One line of such a file.</param>
/// <param name="Note">What is learned from it and what may be left out.</param>
public sealed record DatasetFormatNote(string Schema, string Title, string Example, string Note);

/// <summary>The layouts that uploads may have.</summary>
public static class DatasetFormats
{
    /// <summary>All layouts, the most usual first.</summary>
    public static IReadOnlyList<DatasetFormatNote> All { get; } =
    [
        new("messages", "Chat messages",
            """{"messages": [{"role": "user", "content": "Where is the treasure?"}, {"role": "assistant", "content": "Arr, below the old oak!"}]}""",
            "Roles are system, user, assistant and tool, over any number of turns. Every turn of the assistant is learned."),
        new("sharegpt", "ShareGPT",
            """{"conversations": [{"from": "human", "value": "Where is the treasure?"}, {"from": "gpt", "value": "Arr, below the old oak!"}]}""",
            "Roles are system, human, gpt and tool. Every turn of gpt is learned."),
        new("promptcompletion", "Prompt and completion",
            """{"prompt": "Where is the treasure?", "completion": "Arr, below the old oak!"}""",
            "The completion is learned. A system text may stand in \"system\"."),
        new("instruction", "Instruction",
            """{"instruction": "Translate to French.", "input": "Good morning", "output": "Bonjour"}""",
            "The output is learned. \"input\" and \"system\" may be left out."),
        new("text", "Plain text",
            """{"text": "Once upon a time a fox lived by the river."}""",
            "All of the text is learned, without a chat template."),
    ];

    /// <summary>Name of a layout for people; an unknown one keeps its own name.</summary>
    public static string TitleOf(string schema) => All.FirstOrDefault(format => format.Schema == schema)?.Title ?? schema;
}

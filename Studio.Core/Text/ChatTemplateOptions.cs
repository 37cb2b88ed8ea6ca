using System.Text.Json;

namespace Studio.Core.Text;

/// <summary>What a chat template is given besides the messages, as <c>apply_chat_template</c> of the transformers library takes it.</summary>
public sealed record ChatTemplateOptions
{
    /// <summary>Whether to open an assistant turn at the end.</summary>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>The tools that the model may call, as JSON schemas; null for none.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>Documents to answer from, each an object with a title and a text; null for none.</summary>
    public JsonElement? Documents { get; init; }

    /// <summary>Further variables of the template, such as <c>enable_thinking</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement> Variables { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Which of several named templates to use; null for <c>tool_use</c> where there are tools and one of that name, else <c>default</c>.</summary>
    public string? TemplateName { get; init; }

    /// <summary>What the template takes for the present time; null for the local time.</summary>
    public DateTime? Now { get; init; }
}

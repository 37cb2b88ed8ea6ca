using Studio.Core.Text.Templates;

namespace Studio.Core.Text;

/// <summary>Finds the way to render conversations for a model.</summary>
public static class ChatTemplate
{
    /// <summary>The ChatML template as the Hugging Face libraries run it.</summary>
    public const string ChatMl =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}" +
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    /// <summary>The template of a tokenizer: the one it ships, or ChatML where it ships none but has ChatML's tokens.</summary>
    /// <exception cref="NotSupportedException">The template is not a form of ChatML, or there is none.</exception>
    public static IChatTemplate For(TextTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (tokenizer.ChatTemplate is { } source) return Parse(source);
        var plain = new ChatMlTemplate(null);
        if (plain.ControlTokens.All(token => tokenizer.TokenId(token) is not null)) return plain;
        throw new NotSupportedException(
            "tokenizer_config.json has no chat_template, and the vocabulary has no <|im_start|> and <|im_end|> for ChatML: this model cannot chat.");
    }

    /// <summary>Reads a template.</summary>
    /// <param name="source">The Jinja text of <c>chat_template</c>.</param>
    /// <exception cref="NotSupportedException">The template is not a form of ChatML.</exception>
    public static IChatTemplate Parse(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return ChatMlTemplate.TryRecognize(source) ?? throw new NotSupportedException(
            "chat_template: only ChatML ('<|im_start|>role\\ncontent<|im_end|>\\n', with or without a default system message) is supported; " +
            $"found {source.Length} characters that start with: {source.AsSpan(0, Math.Min(120, source.Length))}");
    }
}

using Studio.Core.Text.Templates;

namespace Studio.Core.Text;

/// <summary>Finds the way to render conversations for a model: the Jinja template that it ships, rendered as the transformers library does.</summary>
public static class ChatTemplate
{
    /// <summary>The ChatML template as the Hugging Face libraries run it.</summary>
    public const string ChatMl =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}" +
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    private static readonly string[] ChatMlTokens = ["<|im_start|>", "<|im_end|>"];

    /// <summary>The templates and special tokens of a model folder; ChatML where it ships no template but has ChatML's tokens.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <exception cref="Jinja.JinjaException">A template is malformed; the message names line and column.</exception>
    /// <exception cref="NotSupportedException">There is no template.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static IChatTemplate Load(string folder, TextTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return For(WithFallback(ChatTemplateFiles.Read(folder), tokenizer), tokenizer);
    }

    /// <summary>The template that a tokenizer carries; ChatML where it carries none but has ChatML's tokens.</summary>
    /// <exception cref="Jinja.JinjaException">The template is malformed; the message names line and column.</exception>
    /// <exception cref="NotSupportedException">There is no template.</exception>
    public static IChatTemplate For(TextTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var tokens = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, id) in new[] { ("bos_token", tokenizer.BosId), ("eos_token", tokenizer.EosId), ("pad_token", tokenizer.PadId) })
            if (id is { } known) tokens[name] = tokenizer.Decode([known], skipSpecialTokens: false);
        return For(WithFallback(Files(tokenizer.ChatTemplate, tokens), tokenizer), tokenizer);
    }

    /// <summary>Reads a template alone, without a model's special tokens.</summary>
    /// <param name="source">The Jinja text of <c>chat_template</c>.</param>
    /// <exception cref="Jinja.JinjaException">The template is malformed; the message names line and column.</exception>
    public static IChatTemplate Parse(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new JinjaChatTemplate(Files(source, new Dictionary<string, string>()), []);
    }

    /// <summary>The templates of a model; ChatML where it ships none but has ChatML's tokens.</summary>
    /// <exception cref="NotSupportedException">There is no template.</exception>
    internal static ChatTemplateFiles WithFallback(ChatTemplateFiles files, TextTokenizer tokenizer)
    {
        if (files.Templates.Count > 0) return files;
        if (!ChatMlTokens.All(token => tokenizer.TokenId(token) is not null))
            throw new NotSupportedException(
                "tokenizer_config.json has no chat_template, and the vocabulary has no <|im_start|> and <|im_end|> for ChatML: this model cannot chat.");
        return Files(ChatMl, files.Tokens);
    }

    /// <summary>Templates over a tokenizer.</summary>
    /// <exception cref="Jinja.JinjaException">A template is malformed; the message names line and column.</exception>
    internal static IChatTemplate For(ChatTemplateFiles files, TextTokenizer tokenizer) =>
        new JinjaChatTemplate(files, [.. tokenizer.StopIds.Select(id => tokenizer.Decode([id], skipSpecialTokens: false))]);

    private static ChatTemplateFiles Files(string? template, IReadOnlyDictionary<string, string> tokens) => new()
    {
        Templates = template is null ? new Dictionary<string, string>() : new Dictionary<string, string> { [ChatTemplateFiles.Default] = template },
        Tokens = tokens,
    };
}

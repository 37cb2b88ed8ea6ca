using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Studio.Core.Text.Templates;
using Studio.Core.Text.Tokenization;

namespace Studio.Core.Text;

/// <summary>
/// How a model is spoken to: its chat templates, the special tokens that they see, and the ids that end an answer. An adapter keeps the format that it
/// was made with beside its weights, so that a later change of the model folder does not change how it is asked. The files are those that
/// <c>save_pretrained</c> of a tokenizer leaves in an adapter's folder, where PEFT passes them over: chat_template.jinja (others in
/// additional_chat_templates), the tokens in tokenizer_config.json, and <c>eos_token_id</c> in generation_config.json.
/// </summary>
public sealed class ChatFormat
{
    private const string TemplateFile = "chat_template.jinja", MoreTemplates = "additional_chat_templates", TokensFile = "tokenizer_config.json", StopsFile = "generation_config.json";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ChatTemplateFiles _files;

    private ChatFormat(ChatTemplateFiles files, IReadOnlyList<int> stopIds) => (_files, StopIds) = (files, stopIds);

    /// <summary>The templates by name; the usual one is called <c>default</c>.</summary>
    public IReadOnlyDictionary<string, string> Templates => _files.Templates;

    /// <summary>The special tokens by the names under which templates see them, such as <c>eos_token</c>.</summary>
    public IReadOnlyDictionary<string, string> Tokens => _files.Tokens;

    /// <summary>The ids that end an answer.</summary>
    public IReadOnlyList<int> StopIds { get; }

    /// <summary>The format of a model folder.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="endIds">Ids that end a sequence by the model's files; the tokenizer's own and the one that ends a turn of the template are added.</param>
    /// <exception cref="Jinja.JinjaException">A template is malformed; the message names line and column.</exception>
    /// <exception cref="NotSupportedException">There is no template.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static ChatFormat OfModel(string folder, TextTokenizer tokenizer, IEnumerable<int> endIds)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var files = ChatTemplate.WithFallback(ChatTemplateFiles.Read(folder), tokenizer);
        var end = new ChatEncoder(tokenizer, ChatTemplate.For(files, tokenizer)).TurnEndId();
        return new ChatFormat(files, [.. tokenizer.StopIds.Union(endIds).Union(end is { } id ? [id] : [])]);
    }

    /// <summary>The format that an adapter's folder holds; null where it holds none, as those of earlier versions and of other programs.</summary>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static ChatFormat? OfAdapter(string folder)
    {
        if (!File.Exists(Path.Combine(folder, TemplateFile)) && !Directory.Exists(Path.Combine(folder, MoreTemplates))) return null;
        return new ChatFormat(ChatTemplateFiles.Read(folder), TokenizerConfig.EosList(folder, StopsFile));
    }

    /// <summary>Tokenizer and templates together.</summary>
    /// <exception cref="Jinja.JinjaException">A template is malformed; the message names line and column.</exception>
    public ChatEncoder Encoder(TextTokenizer tokenizer) => new(tokenizer, ChatTemplate.For(_files, tokenizer));

    /// <summary>Writes the format into an adapter's folder.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="tokenizerConfig">A model's tokenizer_config.json, whose other members are kept; null for the tokens alone.</param>
    public void Write(string folder, string? tokenizerConfig = null)
    {
        if (Templates.TryGetValue(ChatTemplateFiles.Default, out string? template)) File.WriteAllText(Path.Combine(folder, TemplateFile), template);
        foreach (var (name, text) in Templates.Where(entry => entry.Key != ChatTemplateFiles.Default || template is null))
        {
            string more = Path.Combine(folder, MoreTemplates);
            Directory.CreateDirectory(more);
            File.WriteAllText(Path.Combine(more, Uri.EscapeDataString(name) + ".jinja"), text);
        }
        var config = new JsonObject();
        using (var known = JsonDocument.Parse(tokenizerConfig is null ? "{}"u8.ToArray() : File.ReadAllBytes(tokenizerConfig)))
            foreach (var member in known.RootElement.EnumerateObject())
                if (!Tokens.ContainsKey(member.Name)) config[member.Name] = System.Text.Json.Nodes.JsonNode.Parse(member.Value.GetRawText());
        // The template is a file of its own, as transformers writes it now.
        config.Remove("chat_template");
        foreach (var (name, token) in Tokens) config[name] = token;
        Save(folder, TokensFile, config);
        Save(folder, StopsFile, new JsonObject { ["eos_token_id"] = new JsonArray([.. StopIds.Select(id => JsonValue.Create(id))]) });
    }

    private static void Save(string folder, string file, JsonObject content) => File.WriteAllBytes(Path.Combine(folder, file), JsonSerializer.SerializeToUtf8Bytes(content, Indented));
}

using System.Text.Json;
using Studio.Core.Text.Jinja;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Templates;

/// <summary>The chat templates of a model, with its special tokens.</summary>
internal sealed class JinjaChatTemplate : IChatTemplate
{
    private readonly Dictionary<string, JinjaTemplate> _templates;
    private readonly IReadOnlyDictionary<string, string> _tokens;
    private readonly AssistantTurns _turns;

    /// <param name="files">Templates and special tokens.</param>
    /// <param name="turnEnds">Texts of the tokens at which generation stops.</param>
    /// <exception cref="JinjaException">A template is malformed.</exception>
    public JinjaChatTemplate(ChatTemplateFiles files, IReadOnlyCollection<string> turnEnds)
    {
        _templates = files.Templates.ToDictionary(entry => entry.Key, entry => JinjaTemplate.Parse(entry.Value), StringComparer.Ordinal);
        _tokens = files.Tokens;
        _turns = new AssistantTurns((messages, prompt) => Render(messages, prompt), turnEnds);
    }

    public RenderedChat RenderPieces(IReadOnlyList<ChatMessage> messages, ChatTemplateOptions options)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return Pieces(Render(new JinjaInput().SetMessages(messages), options), origin => false);
    }

    public RenderedChat RenderPieces(JsonElement messages, ChatTemplateOptions options) =>
        Pieces(Render(new JinjaInput().SetMessages(messages), options), origin => false);

    public RenderedChat RenderForTraining(IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var rendering = Render(messages, addGenerationPrompt: false);
        return Choose(new ChatTemplateOptions()).HasGenerationBlocks
            ? Pieces(rendering, Origins.IsGeneration)
            : AssistantTurns.Pieces(rendering, _turns.Find(messages, rendering));
    }

    private static RenderedChat Pieces(JinjaRendering rendering, Func<int, bool> trained)
    {
        var pieces = new List<RenderedPiece>();
        int at = 0;
        foreach (var run in rendering.Runs)
        {
            pieces.Add(new RenderedPiece(rendering.Text.Substring(at, run.Length), trained(run.Origin), Origins.Source(run.Origin) == Origins.Template));
            at += run.Length;
        }

        return new RenderedChat(pieces);
    }

    private JinjaRendering Render(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt) =>
        Render(new JinjaInput().SetMessages(messages), new ChatTemplateOptions { AddGenerationPrompt = addGenerationPrompt });

    private JinjaRendering Render(JinjaInput input, ChatTemplateOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        foreach (var (name, token) in _tokens) input.SetTrusted(name, token);
        input.Set("add_generation_prompt", options.AddGenerationPrompt).SetNone("tools").SetNone("documents");
        if (options.Tools is { } tools) input.Set("tools", tools);
        if (options.Documents is { } documents) input.Set("documents", documents);
        foreach (var (name, value) in options.Variables) input.Set(name, value);
        return Choose(options).Render(input, options.Now);
    }

    private JinjaTemplate Choose(ChatTemplateOptions options)
    {
        string name = options.TemplateName ?? (options.Tools is not null && _templates.ContainsKey("tool_use") ? "tool_use" : ChatTemplateFiles.Default);
        if (_templates.TryGetValue(name, out var template)) return template;
        return options.TemplateName is null && _templates.Count == 1 ? _templates.Values.First()
            : throw new NotSupportedException($"chat_template: there is none named '{name}'; there are: {Excerpt.Of(string.Join(", ", _templates.Keys.Order(StringComparer.Ordinal)), 300)}.");
    }
}

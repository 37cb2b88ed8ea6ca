using System.Text.RegularExpressions;

namespace Studio.Core.Text.Templates;

/// <summary>ChatML: <c>&lt;|im_start|&gt;role\ncontent&lt;|im_end|&gt;\n</c> for every turn.</summary>
/// <param name="defaultSystem">The system message of conversations that start without one; null for none.</param>
internal sealed partial class ChatMlTemplate(string? defaultSystem) : IChatTemplate
{
    private const string Start = "<|im_start|>";
    private const string End = "<|im_end|>";

    /// <inheritdoc/>
    public IReadOnlyCollection<string> ControlTokens { get; } = [Start, End];

    /// <summary>The template, where a Jinja text does the same as ChatML does; else null.</summary>
    public static ChatMlTemplate? TryRecognize(string source)
    {
        var canonical = JinjaCanonicalForm.Of(source);
        if (canonical is null) return null;
        if (Plain().IsMatch(canonical) || WithGenerationBlocks().IsMatch(canonical)) return new ChatMlTemplate(null);
        return WithDefaultSystem().Match(canonical) is { Success: true } match
            ? new ChatMlTemplate(match.Groups["system"].Value.Replace("\\n", "\n", StringComparison.Ordinal))
            : null;
    }

    /// <inheritdoc/>
    public RenderedChat RenderPieces(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var pieces = new List<RenderedPiece>();
        if (defaultSystem is not null && messages.Count > 0 && messages[0].Role != "system")
            Add(pieces, new ChatMessage("system", defaultSystem));
        foreach (var message in messages) Add(pieces, message);
        if (addGenerationPrompt)
        {
            pieces.Add(new RenderedPiece(Start, false, true));
            pieces.Add(new RenderedPiece("assistant\n", false, false));
        }

        return new RenderedChat(pieces);
    }

    private static void Add(List<RenderedPiece> pieces, ChatMessage message)
    {
        var trained = message.Role == "assistant";
        pieces.Add(new RenderedPiece(Start, false, true));
        pieces.Add(new RenderedPiece($"{message.Role}\n", false, false));
        pieces.Add(new RenderedPiece(message.Content, trained, false));
        pieces.Add(new RenderedPiece(End, trained, true));
        pieces.Add(new RenderedPiece("\n", false, false));
    }

    private const string Turn = @"\{\{'<\|im_start\|>'\+message\.role\+'\\n'\+message\.content\+'<\|im_end\|>\\n'\}\}";
    private const string Close = @"\{%endfor%\}\{%if add_generation_prompt%\}\{\{'<\|im_start\|>assistant\\n'\}\}\{%endif%\}$";

    [GeneratedRegex(@"^\{%for message in messages%\}" + Turn + Close)]
    private static partial Regex Plain();

    [GeneratedRegex(@"^\{%for message in messages%\}\{%if message\.role=='assistant'%\}\{\{'<\|im_start\|>assistant\\n'\}\}\{%generation%\}" +
        @"\{\{message\.content\+'<\|im_end\|>'\}\}\{%endgeneration%\}\{\{'\\n'\}\}\{%else%\}" + Turn + @"\{%endif%\}" + Close)]
    private static partial Regex WithGenerationBlocks();

    [GeneratedRegex(@"^\{%for message in messages%\}\{%if loop\.first and messages\[0\]\.role!='system'%\}" +
        @"\{\{'<\|im_start\|>system\\n(?<system>(?:[^'\\]|\\n)*)<\|im_end\|>\\n'\}\}\{%endif%\}" + Turn + Close)]
    private static partial Regex WithDefaultSystem();
}

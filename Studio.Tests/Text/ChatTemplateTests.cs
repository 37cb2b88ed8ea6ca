using System.Text;
using System.Text.Json;
using Studio.Core.Text;

namespace Studio.Tests.Text;

/// <summary>The expected texts and generation spans come from jinja2 in transformers' environment.</summary>
public sealed class ChatTemplateTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Fixtures", "chat_templates");

    [Theory]
    [InlineData("chatml_basic")]
    [InlineData("generation_chatml")]
    [InlineData("qwen2_default_system")]
    public void Render_EveryReferenceConversation_GivesTheReferenceText(string name)
    {
        var template = ChatTemplate.Parse(File.ReadAllText(Path.Combine(Folder, $"{name}.jinja")));
        var cases = Cases(name).ToArray();
        Assert.True(cases.Length > 10);
        foreach (var item in cases)
            Assert.Equal(item.Expected, template.Render(item.Messages, item.Prompt));
    }

    [Fact]
    public void RenderForTraining_TrainedPieces_AreTheReferencesGenerationSpans()
    {
        var template = ChatTemplate.Parse(File.ReadAllText(Path.Combine(Folder, "generation_chatml.jinja")));
        foreach (var item in Cases("generation_chatml").Where(item => !item.Prompt))
        {
            var chat = template.RenderForTraining(item.Messages);
            Assert.Equal(item.Expected, chat.Text);
            Assert.Equal(item.Spans, Spans(chat));
        }
    }

    [Fact]
    public void Parse_OwnChatMl_IsRecognized() =>
        Assert.Equal("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n",
            ChatTemplate.Parse(ChatTemplate.ChatMl).Render([new ChatMessage("user", "hi")], addGenerationPrompt: true));

    [Fact]
    public void ChatMl_Constant_IsTheReferenceTemplate() =>
        Assert.Equal(ChatTemplate.ChatMl, File.ReadAllText(Path.Combine(Folder, "chatml_basic.jinja")));

    [Theory]
    [InlineData("llama3")]
    [InlineData("qwen25_tools")]
    public void Parse_OtherTemplate_IsRefused(string name)
    {
        var error = Assert.Throws<NotSupportedException>(() => ChatTemplate.Parse(File.ReadAllText(Path.Combine(Folder, $"{name}.jinja"))));
        Assert.Contains("only ChatML", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{% for message in messages %}\n\n{{")]
    [InlineData("{% for message in messages %} {{")]
    [InlineData("x{% for message in messages %}{{")]
    public void Parse_TextBetweenTags_IsNotMistakenForChatMl(string start) =>
        Assert.Throws<NotSupportedException>(() => ChatTemplate.Parse(ChatTemplate.ChatMl.Replace("{% for message in messages %}{{", start, StringComparison.Ordinal)));

    [Theory]
    [InlineData("message['content']", "message['content'] | trim")]
    [InlineData("'<|im_end|>'", "'<|im_end|> '")]
    [InlineData("'\\n' }}{% endfor", "'\\t' }}{% endfor")]
    [InlineData("<|im_start|>assistant\\n", "<|im_start|>assistant")]
    [InlineData("{% if add_generation_prompt %}", "{% if not add_generation_prompt %}")]
    public void Parse_SmallDifference_IsNotMistakenForChatMl(string part, string changed) =>
        Assert.Throws<NotSupportedException>(() => ChatTemplate.Parse(ChatTemplate.ChatMl.Replace(part, changed, StringComparison.Ordinal)));

    [Fact]
    public void For_NoTemplateAndNoMarkers_IsRefused() => Assert.Throws<NotSupportedException>(() => ChatTemplate.For(TokenizerFixtures.Load("gpt2")));

    [Fact]
    public void For_NoTemplateButMarkers_IsChatMl() => Assert.NotNull(ChatTemplate.For(TokenizerFixtures.Load("qwen2")));

    private static IEnumerable<(ChatMessage[] Messages, bool Prompt, string Expected, (int, int)[] Spans)> Cases(string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, $"{name}.json")));
        foreach (var item in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            var messages = item.GetProperty("messages").EnumerateArray().ToArray();
            if (!item.TryGetProperty("expected", out var expected) ||
                messages.Any(message => !message.TryGetProperty("content", out var content) || content.ValueKind != JsonValueKind.String)) continue;
            var prompt = item.GetProperty("kwargs").TryGetProperty("add_generation_prompt", out var add) && add.GetBoolean();
            yield return ([.. messages.Select(message => new ChatMessage(message.Text("role"), message.Text("content")))], prompt, expected.GetString()!,
                [.. item.GetProperty("generation_spans").EnumerateArray().Select(span => (span[0].GetInt32(), span[1].GetInt32()))]);
        }
    }

    /// <summary>The trained stretches as [start, end) in code points.</summary>
    private static List<(int, int)> Spans(RenderedChat chat)
    {
        var spans = new List<(int Start, int End)>();
        var at = 0;
        foreach (var piece in chat.Pieces)
        {
            var end = at + piece.Text.EnumerateRunes().Count();
            if (piece.Trained && spans.Count > 0 && spans[^1].End == at) spans[^1] = (spans[^1].Start, end);
            else if (piece.Trained) spans.Add((at, end));
            at = end;
        }

        return spans;
    }
}

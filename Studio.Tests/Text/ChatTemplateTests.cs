using System.Text;
using System.Text.Json;
using Studio.Core.Text;
using Studio.Core.Text.Jinja;

namespace Studio.Tests.Text;

/// <summary>The expected texts and generation spans come from jinja2 in transformers' environment; masks and origins are this product's own.</summary>
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
    public void ChatMl_Constant_IsTheReferenceTemplate() =>
        Assert.Equal(ChatTemplate.ChatMl, File.ReadAllText(Path.Combine(Folder, "chatml_basic.jinja")));

    [Fact]
    public void RenderPieces_StarterModel_GivesTheTextItWasTrainedOn()
    {
        string config = Path.Combine(Repository(), "models", "starter", "tokenizer_config.json");
        using var document = JsonDocument.Parse(File.ReadAllBytes(config));
        var template = ChatTemplate.Parse(document.RootElement.GetProperty("chat_template").GetString()!);
        ChatMessage[] messages = [new("system", "Be kind."), new("user", " hi\n"), new("assistant", "Hello <|im_end|> there"), new("user", "")];
        Assert.Equal("<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\n hi\n<|im_end|>\n<|im_start|>assistant\nHello <|im_end|> there<|im_end|>\n" +
            "<|im_start|>user\n<|im_end|>\n<|im_start|>assistant\n", template.Render(messages, addGenerationPrompt: true));
        Assert.Equal(["Hello <|im_end|> there", "<|im_end|>"], template.RenderForTraining(messages).Pieces.Where(piece => piece.Trained).Select(piece => piece.Text));
        Assert.DoesNotContain(template.RenderPieces(messages, false).Pieces, piece => piece.Control && piece.Text.Contains("there", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("chatml_basic", "First answer.<|im_end|>", "Second.<|im_end|>")]
    [InlineData("llama3", "First answer.<|eot_id|>", "Second.<|eot_id|>")]
    [InlineData("mistral_v1", "First answer.</s>", "Second.</s>")]
    [InlineData("gemma2", "First answer.<end_of_turn>", "Second.<end_of_turn>")]
    [InlineData("vicuna", " First answer.</s>", " Second.</s>")]
    [InlineData("zephyr", "First answer.</s>", "Second.</s>")]
    [InlineData("falcon_instruct", " First answer.", " Second.")]
    public void RenderForTraining_TemplateWithoutGenerationBlocks_TrainsTheTurnsThatGenerationWouldWrite(string name, string first, string second)
    {
        var chat = Load(name).RenderForTraining([new("user", "One?"), new("assistant", "First answer."), new("user", "Two?"), new("assistant", "Second.")]);
        Assert.Equal([first, second], Trained(chat));
    }

    [Fact]
    public void RenderForTraining_RoleThatATemplateSpellsOut_IsControl()
    {
        var chat = ChatTemplate.Parse("{% for m in messages %}{{ '<|' + m.role + '|>' + m.content + '<|end|>' }}{% endfor %}").RenderForTraining(
            [new("user", "a<|end|>"), new("intruder", "b"), new("assistant", "c")]);
        Assert.Equal(["<|user|>", "<|end|><|", "|>", "<|end|><|assistant|>", "<|end|>"], Joined(chat, piece => piece.Control));
    }

    [Theory]
    [InlineData("{{ messages[0].content | upper }}")]
    [InlineData("{{ messages[0].content | tojson }}")]
    [InlineData("{{ '%s' % messages[0].content }}")]
    [InlineData("{{ '{}'.format(messages[0].content) }}")]
    [InlineData("{{ 'X' | replace('X', messages[0].content) }}")]
    [InlineData("{% set x %}{{ messages[0].content }}{% endset %}{{ x.split('zz')[0] }}")]
    [InlineData("{{ [messages[0].content] }}")]
    [InlineData("{{ messages | map(attribute='content') | join(',') | indent }}")]
    [InlineData("{% macro m(t) %}{{ t[::-1][::-1] }}{% endmacro %}{{ m(messages[0].content) }}")]
    [InlineData("{{ messages[0].content.replace('a', '<|im_end|>').strip()[-10:] ~ '' }}")]
    public void RenderPieces_WhateverATemplateDoesToAText_ItsOwnMarkersStayText(string template)
    {
        var pieces = ChatTemplate.Parse(template).RenderPieces([new ChatMessage("user", "<|im_end|>")], false).Pieces;
        Assert.DoesNotContain(pieces, piece => piece.Control && piece.Text.Contains("im_", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void RenderPieces_ToolsAndDocuments_ReachTheTemplate()
    {
        using var tools = JsonDocument.Parse("""[{"name": "f"}]""");
        using var documents = JsonDocument.Parse("""[{"title": "t"}]""");
        var options = new ChatTemplateOptions { Tools = tools.RootElement, Documents = documents.RootElement };
        Assert.Equal("[{\"name\": \"f\"}]t", ChatTemplate.Parse("{{ tools | tojson }}{{ documents[0].title }}").RenderPieces([], options).Text);
        Assert.Equal("NoneNone", ChatTemplate.Parse("{{ tools }}{{ documents }}").RenderPieces([], new ChatTemplateOptions()).Text);
    }

    [Fact]
    public void RenderPieces_JsonMessages_CarryToolCalls()
    {
        using var messages = JsonDocument.Parse("""[{"role": "assistant", "content": null, "tool_calls": [{"function": {"name": "f", "arguments": {"x": 1.0}}}]}]""");
        Assert.Equal("f{\"x\": 1.0}None",
            ChatTemplate.Parse("{% for m in messages %}{% for c in m.tool_calls %}{{ c.function.name }}{{ c.function.arguments | tojson }}{% endfor %}{{ m.content }}{% endfor %}")
                .RenderPieces(messages.RootElement, new ChatTemplateOptions()).Text);
    }

    [Fact]
    public void Load_FilesOfAFolder_AreTakenInTheLibrarysOrder()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            string Write(string name, string text)
            {
                File.WriteAllText(Path.Combine(folder.FullName, name), text);
                return ChatTemplate.Load(folder.FullName, TokenizerFixtures.Load("qwen2")).Render([new ChatMessage("user", "x")], false);
            }

            Assert.Equal("config<s></s>", Write("tokenizer_config.json", """{"bos_token": "<s>", "eos_token": {"content": "</s>"}, "chat_template": "config{{ bos_token }}{{ eos_token }}"}"""));
            Assert.Equal("named", Write("tokenizer_config.json", """{"chat_template": [{"name": "default", "template": "named"}, {"name": "tool_use", "template": "tools"}]}"""));
            using var tools = JsonDocument.Parse("[{}]");
            Assert.Equal("tools", ChatTemplate.Load(folder.FullName, TokenizerFixtures.Load("qwen2")).RenderPieces([], new ChatTemplateOptions { Tools = tools.RootElement }).Text);
            Assert.Equal("json", Write("chat_template.json", """{"chat_template": "json"}"""));
            Assert.Equal("jinja", Write("chat_template.jinja", "jinja"));
            Assert.Throws<NotSupportedException>(() => ChatTemplate.Load(folder.FullName, TokenizerFixtures.Load("qwen2")).RenderPieces([], new ChatTemplateOptions { TemplateName = "rag" }));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Parse_MalformedTemplate_IsRefusedWithLineAndColumn()
    {
        var error = Assert.Throws<JinjaException>(() => ChatTemplate.Parse("a\n{{ x |nosuch }}"));
        Assert.Equal((2, 7), (error.Line, error.Column));
        Assert.Contains("line 2, column 7: No filter named 'nosuch'.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_TemplateThatRaises_TellsWhereAndWhat()
    {
        var error = Assert.Throws<JinjaException>(() => Load("mistral_v1").Render([new ChatMessage("assistant", "first")], false));
        Assert.Equal(JinjaErrorKind.Raised, error.Kind);
        Assert.StartsWith("chat template, line 1, column", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void For_NoTemplateAndNoMarkers_IsRefused() => Assert.Throws<NotSupportedException>(() => ChatTemplate.For(TokenizerFixtures.Load("gpt2")));

    [Fact]
    public void For_NoTemplateButMarkers_IsChatMl() => Assert.NotNull(ChatTemplate.For(TokenizerFixtures.Load("qwen2")));

    private static string Repository()
    {
        string folder = AppContext.BaseDirectory;
        while (!Directory.Exists(Path.Combine(folder, "models", "starter"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    /// <summary>A reference template with the special tokens of its reference file.</summary>
    private static IChatTemplate Load(string name)
    {
        using var reference = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, $"{name}.json")));
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            File.Copy(Path.Combine(Folder, $"{name}.jinja"), Path.Combine(folder.FullName, "chat_template.jinja"));
            File.WriteAllText(Path.Combine(folder.FullName, "tokenizer_config.json"), JsonSerializer.Serialize(new
            {
                bos_token = reference.RootElement.Text("bos_token"),
                eos_token = reference.RootElement.Text("eos_token"),
            }));
            return ChatTemplate.Load(folder.FullName, TokenizerFixtures.Load("qwen2"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static List<string> Trained(RenderedChat chat) => Joined(chat, piece => piece.Trained);

    /// <summary>The texts of neighbouring pieces that are so.</summary>
    private static List<string> Joined(RenderedChat chat, Func<RenderedPiece, bool> wanted)
    {
        var texts = new List<string>();
        bool before = false;
        foreach (var piece in chat.Pieces)
        {
            bool now = wanted(piece);
            if (now && before) texts[^1] += piece.Text;
            else if (now) texts.Add(piece.Text);
            before = now;
        }

        return texts;
    }

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

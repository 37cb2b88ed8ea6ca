using System.Text.Json.Nodes;
using Studio.Core.Generation;
using Studio.Core.Serving;
using Studio.Core.Text;
using Studio.Tests.Support;

namespace Studio.Tests.Serving;

/// <summary>Conversations longer than the context, and the ids that end an answer.</summary>
public sealed class ChatServiceTests : TensorTest
{
    private static readonly ChatMessage System = new("system", "You are terse.");

    [Fact]
    public async Task StreamAsync_TooLongAndRefused_TellsBothLengths()
    {
        await using var rig = await ServingRig.CreateAsync();
        var pieces = await AskAsync(rig, Conversation(40), TooLong.Refuse);
        var error = Assert.Single(pieces);
        Assert.Equal(FinishReason.Error, error.Finish);
        Assert.Matches(@"^The conversation has \d+ tokens; the model's context holds 512\. Shorten or clear it\.$", error.Text);
    }

    [Fact]
    public async Task StreamAsync_TooLongAndShortened_AsksTheSystemMessageAndTheLatestTurns()
    {
        await using var rig = await ServingRig.CreateAsync();
        var messages = Conversation(40);
        var pieces = await AskAsync(rig, messages, TooLong.DropOldest, most: 6);
        var window = pieces[0].Window!;
        Assert.Equal(("", 0, null), (pieces[0].Text, pieces[0].Tokens, pieces[0].Finish));
        Assert.All(pieces.Skip(1), piece => Assert.Null(piece.Window));
        Assert.NotEqual(FinishReason.Error, pieces[^1].Finish);

        var encoder = rig.Models.Models[0].Encoder;
        int Length(int dropped) => encoder.EncodeChat([System, .. messages.Skip(1 + dropped)], addGenerationPrompt: true).Count;
        Assert.Equal((512, Length(0), Length(window.DroppedMessages), 6), (window.ContextLength, window.ConversationTokens, window.PromptTokens, window.MaxNewTokens));
        // The fewest whole turns: 6 tokens stay free, and one turn more would not fit.
        Assert.Equal(0, window.DroppedMessages % 2);
        Assert.True(Length(window.DroppedMessages) <= 512 - 6);
        Assert.True(Length(window.DroppedMessages - 2) > 512 - 6);

        // What was asked is what the shortened conversation alone gives.
        var alone = await AskAsync(rig, [System, .. messages.Skip(1 + window.DroppedMessages)], TooLong.Refuse, most: 6);
        Assert.Equal(Text(alone), Text(pieces));
    }

    [Fact]
    public async Task StreamAsync_LongAnswerInAShortenedConversation_LeavesAQuarterOfTheContextFree()
    {
        await using var rig = await ServingRig.CreateAsync();
        var window = (await AskAsync(rig, Conversation(40), TooLong.DropOldest, most: 400))[0].Window!;
        Assert.InRange(window.PromptTokens, 300, 384);
        Assert.Equal(512 - window.PromptTokens, window.MaxNewTokens);
    }

    [Fact]
    public async Task StreamAsync_AnswerWouldPassTheContext_IsCutAndSaysSo()
    {
        await using var rig = await ServingRig.CreateAsync();
        ChatMessage[] messages = [new("user", "Hello!")];
        var pieces = await AskAsync(rig, messages, TooLong.Refuse, most: 511, fewest: 511);
        var window = pieces[0].Window!;
        Assert.Equal((0, window.ConversationTokens, 512 - window.PromptTokens), (window.DroppedMessages, window.PromptTokens, window.MaxNewTokens));
        Assert.Equal((FinishReason.Length, window.MaxNewTokens), (pieces[^1].Finish, pieces[^1].Tokens));
    }

    [Theory]
    [InlineData(TooLong.Refuse)]
    [InlineData(TooLong.DropOldest)]
    public async Task StreamAsync_OneMessageTooLong_IsRefusedEitherWay(TooLong whenTooLong)
    {
        await using var rig = await ServingRig.CreateAsync();
        ChatMessage[] messages = [System, new("user", "Hi"), new("assistant", "Hello."), new("user", string.Concat(Enumerable.Repeat("word ", 1000)))];
        Assert.Contains("the model's context holds 512", Assert.Single(await AskAsync(rig, messages, whenTooLong)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckAsync_IdsOutsideOfTheVocabulary_AreProblems()
    {
        await using var rig = await ServingRig.CreateAsync();
        var model = await rig.Models.LoadAsync(ServingRig.Starter);
        var request = new ChatRequest
        {
            ModelId = model.Id,
            Panes = [new ChatPane(null, [new ChatMessage("user", "Hi")])],
            Sampling = new SamplingSettings { SuppressTokens = [1_000_000], BadWords = [[1, 1_000_001]] },
        };
        var problems = await rig.Chat.CheckAsync(request);
        Assert.Equal(2, problems.Count);
        Assert.StartsWith("Suppressed tokens hold 1000000; the model has the ids 0 to ", problems[0], StringComparison.Ordinal);
        Assert.StartsWith("Bad words hold 1000001; ", problems[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_GenerationConfig_GivesDefaultsAndEnds()
    {
        await using var rig = await ServingRig.CreateAsync();
        string folder = rig.CopyOfStarter();
        // config.json says another end than generation_config.json, which has two; the template ends turns with <|im_end|> (2).
        Change(Path.Combine(folder, "config.json"), json => json["eos_token_id"] = 40);
        Change(Path.Combine(folder, "generation_config.json"), json =>
        {
            json["eos_token_id"] = new JsonArray(41, 42);
            json["temperature"] = 0.25;
        });
        Change(Path.Combine(folder, "tokenizer_config.json"), json => json["eos_token"] = "<|endoftext|>");
        await rig.Models.LoadAsync(folder);
        var model = rig.Models.Models[0];
        Assert.Equal(0.25, Assert.Single(rig.Models.Loaded).Defaults.Sampling.Temperature);
        Assert.Equal([0, 2, 41, 42], model.Generator.StopIds.Order());
    }

    [Fact]
    public async Task LoadAsync_NoGenerationConfig_EndsWithConfigs()
    {
        await using var rig = await ServingRig.CreateAsync();
        string folder = rig.CopyOfStarter();
        Change(Path.Combine(folder, "config.json"), json => json["eos_token_id"] = new JsonArray(40, 43));
        File.Delete(Path.Combine(folder, "generation_config.json"));
        await rig.Models.LoadAsync(folder);
        Assert.Equal([0, 2, 40, 43], rig.Models.Models[0].Generator.StopIds.Order());
        Assert.Equal(GenerationDefaults.Studio, rig.Models.Loaded[0].Defaults);
    }

    [Theory]
    [InlineData("{{ messages[-1].content }}<|im_end|>", 2)]
    [InlineData("{{ messages[-1].content }}\n <|endoftext|>x", null)]
    [InlineData("{{ messages[-1].content }} end <|im_end|>", null)]
    [InlineData("{{ messages[-1].content }}", null)]
    [InlineData("{{ raise_exception('no') }}", null)]
    [InlineData("<|im_start|>{{ messages[-1].role }}", null)]
    public void TurnEndId_IsTheSpecialTokenRightAfterTheAnswer(string template, int? expected)
    {
        var tokenizer = TextTokenizer.Load(ServingRig.Starter);
        // <|endoftext|> is this tokenizer's start of text, which ends nothing.
        Assert.Equal(0, tokenizer.BosId);
        Assert.Equal(expected, new ChatEncoder(tokenizer, ChatTemplate.Parse(template)).TurnEndId());
    }

    private static ChatMessage[] Conversation(int turns) =>
        [System, .. Enumerable.Range(0, turns).SelectMany(i => new ChatMessage[] { new("user", $"Question number {i}, please?"), new("assistant", $"Answer number {i}.") }), new("user", "And the last one?")];

    private static async Task<List<ChatPiece>> AskAsync(ServingRig rig, ChatMessage[] messages, TooLong whenTooLong, int most = 8, int fewest = 0)
    {
        var model = await rig.Models.LoadAsync(ServingRig.Starter);
        var request = new ChatRequest
        {
            ModelId = model.Id,
            Panes = [new ChatPane(null, messages)],
            Sampling = new SamplingSettings { Greedy = true, MaxNewTokens = most, MinNewTokens = fewest },
            WhenTooLong = whenTooLong,
        };
        var pieces = new List<ChatPiece>();
        await foreach (var piece in rig.Chat.StreamAsync(request, TestContext.Current.CancellationToken)) pieces.Add(piece);
        return pieces;
    }

    private static string Text(IEnumerable<ChatPiece> pieces) => string.Concat(pieces.Select(piece => piece.Text));

    private static void Change(string path, Action<JsonObject> change)
    {
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }
}

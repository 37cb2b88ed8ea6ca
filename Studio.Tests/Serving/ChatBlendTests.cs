using Studio.Core;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Generation;
using Studio.Core.Serving;
using Studio.Core.Text;
using static TorchSharp.torch;

namespace Studio.Tests.Serving;

/// <summary>Chats with blends beside adapters and the base.</summary>
public sealed class ChatBlendTests
{
    private static readonly ChatMessage[] Question = [new("user", "Who are you?")];

    [Fact]
    public async Task StreamAsync_BlendsOfWeightZeroAndOne_AnswerAsBaseAndAdapter()
    {
        await using var rig = await ServingRig.CreateAsync();
        var (first, second) = (await ChangedAsync(rig, 1), await ChangedAsync(rig, 2));
        string[] answers = await AskAsync(rig,
            new ChatPane(null, Question),
            new ChatPane(first, Question),
            new ChatPane(null, Question, new ChatBlend([new ChatBlendPart(first, 0), new ChatBlendPart(second, 0)])),
            new ChatPane(null, Question, new ChatBlend([new ChatBlendPart(first), new ChatBlendPart(second, 0)])),
            new ChatPane(null, Question, new ChatBlend([new ChatBlendPart(first, 0.5), new ChatBlendPart(second, 0.5)], 0.9)));
        Assert.Equal(answers[0], answers[2]);
        Assert.Equal(answers[1], answers[3]);
        Assert.NotEqual(answers[0], answers[1]);
        Assert.DoesNotContain(answers[4], answers[..2]);
    }

    [Fact]
    public async Task CheckAsync_WrongBlends_AreNamed()
    {
        await using var rig = await ServingRig.CreateAsync();
        var model = await rig.Models.LoadAsync(ServingRig.Starter);
        var problems = await rig.Chat.CheckAsync(new ChatRequest
        {
            ModelId = model.Id,
            Panes =
            [
                new ChatPane(null, Question, new ChatBlend([])),
                new ChatPane("a", Question, new ChatBlend([new ChatBlendPart("b", double.NaN), new ChatBlendPart("b")], -1)),
            ],
        });
        Assert.Equal(
        [
            "Pane 0: The blend has 0 adapters; expected 1 to 8.",
            "Pane 1: The weight of 'b' is NaN; expected a number.",
            "Pane 1: The share of the base is -1; expected a number of at least 0.",
            "Pane 1: The adapter 'b' is in the blend 2 times; expected once, with one weight.",
            "Pane 1: there are an adapter and a blend; expected one of them.",
        ], problems);
    }

    [Fact]
    public async Task StreamAsync_BlendOfAMissingAdapter_FailsItsPaneAlone()
    {
        await using var rig = await ServingRig.CreateAsync();
        string adapter = await ChangedAsync(rig, 1);
        string[] answers = await AskAsync(rig, new ChatPane(adapter, Question), new ChatPane(null, Question, new ChatBlend([new ChatBlendPart(adapter), new ChatBlendPart("gone")])));
        Assert.NotEmpty(answers[0]);
        Assert.Contains("gone", answers[1], StringComparison.Ordinal);
    }

    // An adapter that answers differently from the first token on.
    private static async Task<string> ChangedAsync(ServingRig rig, ulong seed)
    {
        var model = await rig.Models.LoadAsync(ServingRig.Starter);
        var adapter = await rig.Adapters.CreateAsync($"adapter {seed}", new LoraSpec { Rank = 4 }, model.Id);
        await using var lease = await rig.Pool.AcquireAsync(adapter.Id);
        using (lease.Instance.Write())
        using (no_grad())
        using (var random = new Generator(seed))
            lease.Instance.Adapter.Parameters.Values.normal_(0, 0.25, random);
        rig.Adapters.Save(adapter.Id, lease.Instance.Adapter, "starter", null);
        return adapter.Id;
    }

    private static async Task<string[]> AskAsync(ServingRig rig, params ChatPane[] panes)
    {
        var request = new ChatRequest { ModelId = rig.Models.Models[0].Record.Id, Panes = panes, Sampling = new SamplingSettings { Greedy = true, MaxNewTokens = 12 } };
        string[] answers = [.. panes.Select(_ => "")];
        await foreach (var piece in rig.Chat.StreamAsync(request, TestContext.Current.CancellationToken)) answers[piece.Pane] += piece.Text;
        return answers;
    }
}

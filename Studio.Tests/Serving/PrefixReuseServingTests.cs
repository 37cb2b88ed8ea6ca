using Studio.Core.Adapters.Methods;
using Studio.Core.Generation;
using Studio.Core.Serving;
using Studio.Core.Telemetry;
using Studio.Core.Text;
using Studio.Tests.Support;

namespace Studio.Tests.Serving;

/// <summary>The turns of a conversation, each asked for by itself.</summary>
public sealed class PrefixReuseServingTests : TensorTest
{
    private static readonly ChatMessage[] First = [new("system", "You are terse, and you never say more than a few words to anybody."), new("user", "Who are you, and what can you do for me today?")];

    [Fact]
    public async Task StreamAsync_NextTurn_ReusesTheTurnBeforeAndAnswersAsWithoutIt()
    {
        await using var rig = await ServingRig.CreateAsync(serving: new ServingOptions(PrefixCacheBytes: 1 << 26));
        await using var plain = await ServingRig.CreateAsync();
        var (first, use) = await AskAsync(rig, First);
        Assert.Equal(0, use.CachedTokens);
        ChatMessage[] second = [.. First, new("assistant", first), new("user", "And who made you?")];
        var (answer, next) = await AskAsync(rig, second);
        // All of the former prompt, and of its answer what the template renders as it was written.
        Assert.InRange(next.CachedTokens, use.Tokens, next.Tokens - 1);
        Assert.Equal((await AskAsync(plain, second)).Text, answer);
        Assert.Equal(0, (await AskAsync(plain, second)).Use.CachedTokens);
    }

    [Fact]
    public async Task StreamAsync_AdapterThatWasUnloadedBetween_ReusesWhileItsFilesAreTheSame()
    {
        await using var rig = await ServingRig.CreateAsync(serving: new ServingOptions(PrefixCacheBytes: 1 << 26));
        var model = await rig.Models.LoadAsync(ServingRig.Starter);
        var adapter = await rig.Adapters.CreateAsync("a", new LoraSpec { Rank = 2, Initialisation = LoraStart.Random }, model.Id, seed: 3);
        var (_, use) = await AskAsync(rig, First, adapter.Id);
        Assert.Equal(0, await rig.Pool.LeasesOfAsync(adapter.Id));
        Assert.Equal(use.Tokens - 1, (await AskAsync(rig, First, adapter.Id)).Use.CachedTokens);
        Assert.Equal(use.Tokens - 1, (await AskAsync(rig, First, null, new ChatBlend([new ChatBlendPart(adapter.Id, 0.5)]), times: 2)).Use.CachedTokens);
        Assert.Equal(0, (await AskAsync(rig, First, null, new ChatBlend([new ChatBlendPart(adapter.Id, 0.6)]))).Use.CachedTokens);
        // As a run does when it saves.
        await using (var lease = await rig.Pool.AcquireAsync(adapter.Id))
        {
            using (lease.Instance.Write())
            using (TorchSharp.torch.no_grad())
                lease.Instance.Adapter.Parameters.Values.mul_(1.5f);
            rig.Adapters.Save(adapter.Id, lease.Instance.Adapter, model.Name, chat: null);
            Assert.Equal(0, (await AskAsync(rig, First, adapter.Id)).Use.CachedTokens);
        }
        Assert.Equal(0, (await AskAsync(rig, First, adapter.Id)).Use.CachedTokens);
        Assert.Equal(use.Tokens - 1, (await AskAsync(rig, First, adapter.Id)).Use.CachedTokens);
    }

    [Fact]
    public async Task Ledger_KeptAnswers_AreTheChatsUntilAdapterAndModelGo()
    {
        await using var rig = await ServingRig.CreateAsync(serving: new ServingOptions(PrefixCacheBytes: 1 << 26));
        var model = await rig.Models.LoadAsync(ServingRig.Starter);
        var adapter = await rig.Adapters.CreateAsync("a", new LoraSpec { Rank = 2 }, model.Id, seed: 3);
        await AskAsync(rig, First);
        long ofBase = rig.Ledger.Snapshot().ByCategory[MemoryCategory.KvCache];
        await AskAsync(rig, First, adapter.Id);
        Assert.Contains(new MemoryEntry("chat-" + model.Id, MemoryCategory.KvCache, rig.Models.Get(model.Id).Generator.KeptBytes), rig.Ledger.Snapshot().Entries);
        Assert.InRange(rig.Ledger.Snapshot().ByCategory[MemoryCategory.KvCache], ofBase + 1, long.MaxValue);
        await rig.Adapters.DeleteAsync(adapter.Id);
        Assert.Equal(ofBase, rig.Ledger.Snapshot().ByCategory[MemoryCategory.KvCache]);
        // What is kept is nobody's use of the model.
        Assert.Empty(rig.Models.UsersOf(model.Id));
        await rig.Models.UnloadAsync(model.Id);
        Assert.Empty(rig.Ledger.Snapshot().Entries);
    }

    private static async Task<(string Text, PromptUse Use)> AskAsync(ServingRig rig, ChatMessage[] messages, string? adapterId = null, ChatBlend? blend = null, int times = 1)
    {
        var model = await rig.Models.LoadAsync(ServingRig.Starter);
        var request = new ChatRequest { ModelId = model.Id, Panes = [new ChatPane(adapterId, messages, blend)], Sampling = new SamplingSettings { Greedy = true, MaxNewTokens = 12 } };
        (string Text, PromptUse? Use) answer = ("", null);
        for (int time = 0; time < times; time++)
        {
            answer = ("", null);
            await foreach (var piece in rig.Chat.StreamAsync(request, TestContext.Current.CancellationToken))
            {
                Assert.NotEqual(FinishReason.Error, piece.Finish);
                Assert.Equal(piece.Finish is null, piece.Prompt is null);
                answer = (answer.Text + piece.Text, piece.Prompt);
            }
        }
        return (answer.Text, answer.Use!);
    }
}

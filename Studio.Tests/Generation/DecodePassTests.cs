using System.Text.Json;
using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Generation;
using Studio.Core.Models;
using Studio.Tests.Adapters.Doubles;
using Studio.Tests.Execution;
using Studio.Tests.Support;
using TorchSharp;

namespace Studio.Tests.Generation;

public sealed class DecodePassTests : TensorTest
{
    // What is allowed between a row in a batch and the same row alone, in fp32.
    private const double Tolerance = 2e-4;

    [Fact]
    public void Run_GreedyFromTheFixturesPrompt_GivesTheTokensOfTransformers()
    {
        using var rig = new DecodeRig();
        using var golden = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(FixtureFolder.Model("llama"), "golden.json")));
        int[] prompt = Ids("gen_prompt"), expected = Ids("gen_new");
        var trace = rig.Alone(DecodeRig.Greedy(prompt, tokens: expected.Length));
        Assert.Equal(expected, trace.Tokens);
        Assert.Equal(rig.Tokenizer.Decode(expected, skipSpecialTokens: true), trace.Text);
        Assert.Equal(FinishReason.Length, trace.Pieces[^1].Finish);

        int[] Ids(string name) => [.. golden.RootElement.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
    }

    [Theory]
    [InlineData("base")]
    [InlineData("lora")]
    [InlineData("virtual tokens")]
    [InlineData("prefix")]
    public void Run_TokenByTokenOverTheCache_EqualsTheForwardOfTheWholeSequence(string kind)
    {
        using var rig = new DecodeRig();
        var adapter = Adapter(rig, kind);
        var ids = DecodeRig.Prompt(9, seed: 3).ToList();
        var trace = rig.Alone(DecodeRig.Greedy(ids, adapter));
        Assert.Equal(12, trace.Logits.Count);
        foreach (float[] logits in trace.Logits)
        {
            float[] whole = rig.WholeForward(ids, adapter?.Adapter);
            AssertClose(whole, logits);
            ids.Add(Array.IndexOf(whole, whole.Max()));
        }
    }

    [Fact]
    public void Run_RaggedPromptsOfDifferentAdaptersAndTheBase_EqualEachAlone()
    {
        using var rig = new DecodeRig();
        GenerationRequest[] requests =
        [
            DecodeRig.Greedy(DecodeRig.Prompt(3, 1), rig.Lora(seed: 21)),
            DecodeRig.Greedy(DecodeRig.Prompt(41, 2)),
            DecodeRig.Greedy(DecodeRig.Prompt(1, 3), rig.Lora(seed: 22, rank: 2), tokens: 5),
            DecodeRig.Greedy(DecodeRig.Prompt(17, 4), Adapter(rig, "virtual tokens")),
            DecodeRig.Greedy(DecodeRig.Prompt(8, 5), Adapter(rig, "prefix"), tokens: 20),
            DecodeRig.Greedy(DecodeRig.Prompt(3, 1)),
        ];
        using var layers = rig.Model.Executor.Attach(new ClientOptions { Name = "chat", Phase = PassKind.Decode });
        var together = rig.Decode(layers, requests);
        for (int i = 0; i < requests.Length; i++)
        {
            var alone = rig.Alone(requests[i]);
            Assert.Equal(alone.Tokens, together[i].Tokens);
            Assert.Equal(alone.Text, together[i].Text);
            for (int token = 0; token < alone.Logits.Count; token++) AssertClose(alone.Logits[token], together[i].Logits[token]);
        }
        // The first and the last differ in their adapter alone: it must have acted.
        Assert.NotEqual(together[0].Tokens, together[5].Tokens);
    }

    [Theory]
    [InlineData(256, 1)]
    [InlineData(257, 2)]
    [InlineData(600, 3)]
    public void Run_LongPrompt_IsFedInChunksAndEqualsTheWhole(int length, int passes)
    {
        using var rig = new DecodeRig();
        int[] prompt = DecodeRig.Prompt(length, 7);
        var layers = new TestBaseLayers(new DirectBaseLayers(rig.Model.Layers));
        var trace = rig.Decode(layers, DecodeRig.Greedy(prompt, tokens: 1))[0];
        Assert.Equal(passes, layers.Forwards.Count(layer => layer == LayerId.Embedding));
        AssertClose(rig.WholeForward(prompt, null), Assert.Single(trace.Logits));
    }

    [Fact]
    public void Run_ChunkedPromptBesideAnother_KeepsTheOthersTokensComing()
    {
        using var rig = new DecodeRig();
        GenerationRequest chat = DecodeRig.Greedy(DecodeRig.Prompt(5, 1), tokens: 6), document = DecodeRig.Greedy(DecodeRig.Prompt(600, 2), tokens: 2);
        var layers = new TestBaseLayers(new DirectBaseLayers(rig.Model.Layers));
        var traces = rig.Decode(layers, chat, document);
        // The document's three chunks lie beside the chat's first three tokens: six passes in all.
        Assert.Equal(6, layers.Forwards.Count(layer => layer == LayerId.Embedding));
        Assert.Equal(rig.Alone(chat).Text, traces[0].Text);
        Assert.Equal(rig.Alone(document).Text, traces[1].Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Run_OneAdapterWithBrokenValues_FailsItsOwnAnswerAlone(bool brokenFirst)
    {
        using var rig = new DecodeRig();
        var broken = rig.Lora(seed: 30);
        using (torch.no_grad()) broken.Adapter.Parameters.Values.fill_(float.NaN);
        GenerationRequest good = DecodeRig.Greedy(DecodeRig.Prompt(6, 1)), bad = DecodeRig.Greedy(DecodeRig.Prompt(4, 2), broken);
        var traces = rig.Decode(new DirectBaseLayers(rig.Model.Layers), brokenFirst ? [bad, good] : [good, bad]);
        var (goodTrace, badTrace) = brokenFirst ? (traces[1], traces[0]) : (traces[0], traces[1]);
        Assert.Equal(new GeneratedPiece("The model's logits are not finite numbers.", 0, FinishReason.Error), Assert.Single(badTrace.Pieces));
        Assert.Equal(rig.Alone(good).Text, goodTrace.Text);
        Assert.Equal(FinishReason.Length, goodTrace.Pieces[^1].Finish);
    }

    [Fact]
    public void Run_BaseFailsOnce_TheAnswersGoOnAsIfNothingWere()
    {
        using var rig = new DecodeRig();
        GenerationRequest a = DecodeRig.Greedy(DecodeRig.Prompt(6, 1)), b = DecodeRig.Greedy(DecodeRig.Prompt(4, 2));
        var failing = new FailOnce(new DirectBaseLayers(rig.Model.Layers), new LayerId(1, BaseProjection.Down), call: 3);
        var traces = rig.Decode(failing, a, b);
        Assert.True(failing.HasFailed);
        Assert.Equal(rig.Alone(a).Text, traces[0].Text);
        Assert.Equal(rig.Alone(b).Text, traces[1].Text);
    }

    [Fact]
    public void Run_AdapterInUse_IsHeldAgainstUpdatesUntilThePassEnds()
    {
        using var rig = new DecodeRig();
        var adapter = rig.Lora(seed: 31);
        TestThread? update = null;
        long updatesAtTheEnd = -1;
        var watched = new WatchedLayers(new DirectBaseLayers(rig.Model.Layers), layer =>
        {
            if (layer == LayerId.Embedding) update = TestThread.Start("update", () => adapter.Write().Dispose());
            if (layer == LayerId.Head) updatesAtTheEnd = adapter.Updates;
        });
        rig.Decode(watched, DecodeRig.Greedy(DecodeRig.Prompt(4, 1), adapter, tokens: 1));
        update!.Join();
        Assert.Equal(0, updatesAtTheEnd);
        Assert.Equal(1, adapter.Updates);
    }

    [Theory]
    [InlineData(BatchingPolicy.None)]
    [InlineData(BatchingPolicy.Opportunistic)]
    public void Run_BaseAnswer_IsBitEqualWithAndWithoutAdaptersAttached(BatchingPolicy policy)
    {
        using var rig = new DecodeRig();
        rig.Model.Executor.Policy = policy;
        var request = DecodeRig.Greedy(DecodeRig.Prompt(11, 4));
        float[][] before = Answer();
        AdapterInstance[] adapters = [rig.Lora(1), rig.Lora(2), Adapter(rig, "virtual tokens")!];
        using var first = rig.Model.Executor.Attach(new ClientOptions { Name = "run 1" });
        using var second = rig.Model.Executor.Attach(new ClientOptions { Name = "run 2" });
        foreach (var adapter in adapters) rig.Decode(first, DecodeRig.Greedy(request.Prompt, adapter, tokens: 3));
        Assert.Equal(before, Answer());

        float[][] Answer()
        {
            using var chat = rig.Model.Executor.Attach(new ClientOptions { Name = "chat", Phase = PassKind.Decode });
            return [.. rig.Decode(chat, request)[0].Logits];
        }
    }

    private static AdapterInstance? Adapter(DecodeRig rig, string kind) => kind switch
    {
        "lora" => rig.Lora(seed: 11),
        "virtual tokens" => rig.Add(new VirtualTokenAdapter(rig.Model.Config)),
        "prefix" => rig.Add(new PrefixAdapter(rig.Model.Config)),
        _ => null,
    };

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], Tolerance);
    }
}

using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Generation;
using Studio.Core.Models;
using Studio.Tests.Adapters.Doubles;
using Studio.Tests.Models;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Generation;

/// <summary>An answer that begins with another's keys and values is the answer that read its whole prompt.</summary>
public sealed class PrefixReuseTests : TensorTest
{
    private const double Tolerance = 2e-4;
    private const long Plenty = 1 << 30;

    public static TheoryData<string> Models => FamilyFixtures.All;

    [Theory]
    [MemberData(nameof(Models))]
    public void Run_NextTurnAndAnotherOne_EqualReadingEverythingInEveryFamily(string name)
    {
        using var rig = new DecodeRig(name);
        using var kept = new PrefixCache(Plenty);
        using var layers = new DirectBaseLayers(rig.Model.Layers);
        var reuse = new PrefixReuse(kept);
        var config = rig.Model.Config;
        int[] prompt = Ids(30, 1);
        var first = rig.Decode(layers, reuse, DecodeRig.Greedy(prompt, tokens: 5))[0];
        Assert.Equal(0, first.Reused);
        int[] next = [.. prompt, .. first.Tokens[..4], .. Ids(9, 2)], edited = [.. next[..20], .. Ids(14, 3)];

        // The answer's last token was never fed.
        Assert.Equal(Frequencies(config) == RotaryScalingKind.DynamicNtk ? 0 : 34, AssertEqualsAlone(rig, reuse, next));
        bool fixedWindow = Enumerable.Range(0, config.Blocks).All(i => config.Block(i).Window == 0);
        int reused = AssertEqualsAlone(rig, reuse, edited);
        if (Frequencies(config) == RotaryScalingKind.DynamicNtk) Assert.Equal(0, reused);
        else if (fixedWindow) Assert.Equal(20, reused);
        // The same prompt again: its last token is read for its logits.
        reused = AssertEqualsAlone(rig, reuse, next);
        if (fixedWindow && Frequencies(config) != RotaryScalingKind.DynamicNtk) Assert.Equal(next.Length - 1, reused);
    }

    [Theory]
    [InlineData("lora")]
    [InlineData("virtual tokens")]
    [InlineData("prefix")]
    public void Run_SameAdapterOrAnother_ReusesItsOwnOnly(string kind)
    {
        using var rig = new DecodeRig();
        using var kept = new PrefixCache(Plenty);
        var reuse = new PrefixReuse(kept);
        var adapter = Adapter(rig, kind);
        int[] prompt = Ids(40, 1);
        Assert.Equal(0, AssertEqualsAlone(rig, reuse, prompt, adapter));
        Assert.Equal(39, AssertEqualsAlone(rig, reuse, prompt, adapter));
        Assert.Equal(40, AssertEqualsAlone(rig, reuse, [.. prompt, 7, 8], adapter));
        Assert.Equal(25, AssertEqualsAlone(rig, reuse, [.. prompt[..25], 1, 2], adapter));
        Assert.Equal(0, AssertEqualsAlone(rig, reuse, prompt));
        Assert.Equal(0, AssertEqualsAlone(rig, reuse, prompt, Adapter(rig, kind, seed: 99)));
    }

    [Fact]
    public void Run_ValuesHaveChanged_NothingOldIsReused()
    {
        using var rig = new DecodeRig();
        using var kept = new PrefixCache(Plenty);
        var reuse = new PrefixReuse(kept);
        var adapter = rig.Lora(seed: 5);
        int[] prompt = Ids(40, 1);
        AssertEqualsAlone(rig, reuse, prompt, adapter);
        using (adapter.Write())
        using (no_grad())
            adapter.Adapter.Parameters.Values.mul_(2);
        Assert.Equal(0, AssertEqualsAlone(rig, reuse, prompt, adapter));
        Assert.Equal(39, AssertEqualsAlone(rig, reuse, prompt, adapter));
        // An update that only the optimizer's kernel knows of.
        using (adapter.Write()) adapter.Adapter.Parameters.Touch();
        Assert.Equal(0, AssertEqualsAlone(rig, reuse, prompt, adapter));
    }

    [Fact]
    public void Run_UpdateDuringTheAnswer_IsNotKept()
    {
        using var rig = new DecodeRig();
        using var kept = new PrefixCache(Plenty);
        var adapter = rig.Lora(seed: 5);
        int heads = 0;
        using var layers = new WatchedLayers(new DirectBaseLayers(rig.Model.Layers), layer =>
        {
            // Passes hold the adapter; its versions count changes in place all the same.
            if (layer == LayerId.Head && ++heads == 3) adapter.Adapter.Parameters.Touch();
        });
        rig.Decode(layers, new PrefixReuse(kept), DecodeRig.Greedy(Ids(40, 1), adapter, tokens: 6));
        Assert.Equal(6, heads);
        Assert.Equal(0, kept.Bytes);
    }

    [Fact]
    public void Run_PanesWithOneHistory_ReadItOnce()
    {
        using var rig = new DecodeRig();
        using var kept = new PrefixCache(Plenty);
        var adapter = rig.Lora(seed: 5);
        int[] history = Ids(100, 1);
        GenerationRequest[] requests =
        [
            DecodeRig.Greedy(history, adapter, tokens: 6), DecodeRig.Greedy(history, adapter, tokens: 4), DecodeRig.Greedy(history), DecodeRig.Greedy([.. history[..90], 1, 2, 3], adapter),
        ];
        using var layers = new DirectBaseLayers(rig.Model.Layers);
        var together = rig.Decode(layers, new PrefixReuse(kept), requests);
        Assert.Equal([0, 99, 0, 90], together.Select(trace => trace.Reused));
        for (int i = 0; i < requests.Length; i++) AssertSame(rig.Alone(requests[i]), together[i]);
    }

    [Fact]
    public void Run_PanesWithOneShortHistory_DoNotWaitForEachOther()
    {
        using var rig = new DecodeRig();
        using var kept = new PrefixCache(Plenty);
        using var layers = new TestPasses(new DirectBaseLayers(rig.Model.Layers));
        var together = rig.Decode(layers, new PrefixReuse(kept), DecodeRig.Greedy(Ids(40, 1), tokens: 3), DecodeRig.Greedy(Ids(40, 1), tokens: 3));
        Assert.Equal([0, 0], together.Select(trace => trace.Reused));
        Assert.Equal(3, layers.Count);
    }

    [Fact]
    public void Run_NextTurnOfSeveralPanes_AllBeginWithTheLast()
    {
        using var rig = new DecodeRig();
        using var kept = new PrefixCache(Plenty);
        using var layers = new DirectBaseLayers(rig.Model.Layers);
        var reuse = new PrefixReuse(kept);
        var first = rig.Decode(layers, reuse, DecodeRig.Greedy(Ids(40, 1), tokens: 4))[0];
        int[] next = [.. Ids(40, 1), .. first.Tokens[..3], .. Ids(6, 2)];
        var together = rig.Decode(layers, reuse, DecodeRig.Greedy(next), DecodeRig.Greedy(next));
        Assert.Equal([43, 43], together.Select(trace => trace.Reused));
        foreach (var trace in together) AssertSame(rig.Alone(DecodeRig.Greedy(next)), trace);
    }

    [Fact]
    public void Run_BaseFailsWhileTheRestIsRead_GoesOnFromWhatIsKnown()
    {
        using var rig = new DecodeRig();
        using var kept = new PrefixCache(Plenty);
        var reuse = new PrefixReuse(kept);
        AssertEqualsAlone(rig, reuse, Ids(40, 1));
        int[] next = [.. Ids(40, 1), 9, 8, 7];
        var failing = new FailOnce(new DirectBaseLayers(rig.Model.Layers), new LayerId(1, BaseProjection.Down), call: 1);
        var traces = rig.Decode(failing, reuse, DecodeRig.Greedy(next), DecodeRig.Greedy(Ids(5, 3)));
        Assert.True(failing.HasFailed);
        Assert.Equal([40, 0], traces.Select(trace => trace.Reused));
        AssertSame(rig.Alone(DecodeRig.Greedy(next)), traces[0]);
    }

    [Fact]
    public void Run_AnswerFails_IsNotKept()
    {
        using var rig = new DecodeRig();
        using var kept = new PrefixCache(Plenty);
        using var layers = new DirectBaseLayers(rig.Model.Layers);
        var broken = rig.Lora(seed: 30);
        using (no_grad()) broken.Adapter.Parameters.Values.fill_(float.NaN);
        Assert.Equal(FinishReason.Error, rig.Decode(layers, new PrefixReuse(kept), DecodeRig.Greedy(Ids(40, 1), broken))[0].Pieces[^1].Finish);
        Assert.Equal(0, kept.Bytes);
    }

    private static int AssertEqualsAlone(DecodeRig rig, PrefixReuse reuse, IReadOnlyList<int> prompt, AdapterInstance? adapter = null)
    {
        var request = DecodeRig.Greedy(prompt, adapter, tokens: 4);
        using var layers = new DirectBaseLayers(rig.Model.Layers);
        var trace = rig.Decode(layers, reuse, request)[0];
        AssertSame(rig.Alone(request), trace);
        return trace.Reused;
    }

    private static void AssertSame(DecodeTrace expected, DecodeTrace actual)
    {
        Assert.Equal(expected.Tokens, actual.Tokens);
        Assert.Equal(expected.Text, actual.Text);
        for (int i = 0; i < expected.Logits.Count; i++)
            for (int j = 0; j < expected.Logits[i].Length; j++) Assert.Equal(expected.Logits[i][j], actual.Logits[i][j], Tolerance);
    }

    private static AdapterInstance Adapter(DecodeRig rig, string kind, ulong seed = 11) => kind switch
    {
        "lora" => rig.Lora(seed),
        "virtual tokens" => rig.Add(new VirtualTokenAdapter(rig.Model.Config), seed),
        _ => rig.Add(new PrefixAdapter(rig.Model.Config), seed),
    };

    private static RotaryScalingKind Frequencies(DecoderConfig config) => config.Block(0).Rotary?.Scaling ?? RotaryScalingKind.None;

    private static int[] Ids(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => (i * 37 + seed * 101 + i * i * 7) % 250 + 3)];

    private sealed class TestPasses(IBaseLayers inner) : WatchedLayers(inner, _ => { }), IBaseLayers
    {
        public int Count { get; private set; }

        IDisposable IBaseLayers.BeginPass(PassKind kind, CancellationToken ct)
        {
            Count++;
            return base.BeginPass(kind, ct);
        }
    }
}

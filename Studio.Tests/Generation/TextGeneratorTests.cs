using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Generation;
using Studio.Core.Tensors;
using Studio.Tests.Support;

namespace Studio.Tests.Generation;

public sealed class TextGeneratorTests : TensorTest
{
    private readonly DecodeRig _rig;
    private readonly ComputeLanePool _lanes;

    // In the constructor: initializers would run before the count of live tensors is taken.
    public TextGeneratorTests() => (_rig, _lanes) = (new DecodeRig(), new ComputeLanePool(trainingLanes: 1, interactiveLanes: 1));

    [Fact]
    public async Task GenerateAsync_SeveralSessionsAtOnce_EachGetsItsOwnAnswer()
    {
        await using var generator = Generator();
        GenerationRequest[] requests =
        [
            DecodeRig.Greedy(DecodeRig.Prompt(5, 1)), DecodeRig.Greedy(DecodeRig.Prompt(30, 2), _rig.Lora(1)), DecodeRig.Greedy(DecodeRig.Prompt(9, 3), _rig.Lora(2), tokens: 40),
        ];
        var answers = await Task.WhenAll(requests.Select(request => Text(generator, request)));
        for (int i = 0; i < requests.Length; i++) Assert.Equal(_rig.Alone(requests[i]).Text, answers[i]);
        Assert.Equal(0, generator.CacheBytes);
    }

    [Fact]
    public async Task TokensPerSecond_AfterAnswers_CountsWhatWasGenerated()
    {
        await using var generator = Generator();
        Assert.Equal(0, generator.TokensPerSecond);

        await Text(generator, DecodeRig.Greedy(DecodeRig.Prompt(30, 1), tokens: 12));

        Assert.True(generator.TokensPerSecond > 0);
    }

    [Fact]
    public async Task GenerateAsync_SameSeed_SameAnswer()
    {
        await using var generator = Generator();
        string first = await Text(generator, Sampled(7));
        Assert.Equal(first, await Text(generator, Sampled(7)));
        Assert.NotEqual(first, await Text(generator, Sampled(8)));
        Assert.NotEqual(await Text(generator, Sampled(null)), await Text(generator, Sampled(null)));
    }

    [Fact]
    public async Task GenerateAsync_StopId_EndsTheAnswerBeforeIt()
    {
        var request = DecodeRig.Greedy(DecodeRig.Prompt(5, 1), tokens: 30);
        int[] tokens = _rig.Alone(request).Tokens;
        int stop = tokens.First(token => token != tokens[0]);
        await using var generator = Generator(stop);
        var pieces = new List<GeneratedPiece>();
        await foreach (var piece in generator.GenerateAsync(request, TestContext.Current.CancellationToken)) pieces.Add(piece);
        Assert.Equal(FinishReason.Stop, pieces[^1].Finish);
        Assert.Equal(_rig.Tokenizer.Decode(tokens.TakeWhile(token => token != stop), skipSpecialTokens: true), string.Concat(pieces.Select(piece => piece.Text)));
    }

    [Fact]
    public async Task GenerateAsync_OneSessionCancelled_TheOthersGoOn()
    {
        await using var generator = Generator();
        using var stop = new CancellationTokenSource();
        var staying = DecodeRig.Greedy(DecodeRig.Prompt(8, 2), _rig.Lora(3), tokens: 60);
        var leaving = Task.Run(async () =>
        {
            await foreach (var piece in generator.GenerateAsync(DecodeRig.Greedy(DecodeRig.Prompt(5, 1), tokens: 120), stop.Token)) await stop.CancelAsync();
        }, TestContext.Current.CancellationToken);
        string answer = await Text(generator, staying);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        Assert.Equal(_rig.Alone(staying).Text, answer);
    }

    [Fact]
    public async Task GenerateAsync_ReaderLeavesEarly_ItsCacheIsFreed()
    {
        await using var generator = Generator();
        var freed = new TaskCompletionSource();
        generator.CacheChanged += () =>
        {
            if (generator.CacheBytes == 0) freed.TrySetResult();
        };
        await foreach (var piece in generator.GenerateAsync(DecodeRig.Greedy(DecodeRig.Prompt(5, 1), tokens: 100), TestContext.Current.CancellationToken)) break;
        await freed.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task GenerateAsync_ReaderLeavesEarly_NothingUsesItsAdapterAnyMore()
    {
        await using var generator = Generator();
        var staying = DecodeRig.Greedy(DecodeRig.Prompt(8, 2), tokens: 100);
        var other = Text(generator, staying);
        for (ulong round = 0; round < 5; round++)
        {
            using var adapter = new AdapterInstance("leaving", AdapterMethods.Build(new LoraSpec { Rank = 2 }, _rig.Model.AdapterSite()));
            await foreach (var piece in generator.GenerateAsync(DecodeRig.Greedy(DecodeRig.Prompt(5, round), adapter, tokens: 100), TestContext.Current.CancellationToken)) break;
        }
        Assert.Equal(_rig.Alone(staying).Text, await other);
    }

    [Fact]
    public async Task GenerateAsync_NextTurn_ReusesTheLastAndSaysHowMuch()
    {
        await using var generator = new TextGenerator(_rig.Model, _rig.Tokenizer, [], _lanes, prefixCacheBytes: 1 << 26);
        var adapter = _rig.Lora(4);
        int[] prompt = DecodeRig.Prompt(30, 1);
        Assert.Equal(0, await Reused(generator, DecodeRig.Greedy(prompt, adapter, tokens: 8)));
        Assert.Equal(0, generator.CacheBytes);
        Assert.InRange(generator.KeptBytes, 1, long.MaxValue);
        int[] next = [.. prompt, .. _rig.Alone(DecodeRig.Greedy(prompt, adapter, tokens: 8)).Tokens[..7], 5, 6];
        Assert.Equal(37, await Reused(generator, DecodeRig.Greedy(next, adapter)));
        // An answer that its reader leaves is of use to the next one too.
        await foreach (var piece in generator.GenerateAsync(DecodeRig.Greedy(DecodeRig.Prompt(40, 9), tokens: 60), TestContext.Current.CancellationToken)) break;
        Assert.Equal(39, await Reused(generator, DecodeRig.Greedy(DecodeRig.Prompt(40, 9))));
        long kept = generator.KeptBytes;
        await generator.ForgetAsync(adapter.Id);
        Assert.InRange(generator.KeptBytes, 1, kept - 1);
        Assert.Equal(0, await Reused(generator, DecodeRig.Greedy(next, adapter)));
        await generator.DisposeAsync();
        Assert.Equal(0, generator.KeptBytes);
    }

    [Fact]
    public async Task GenerateAsync_PanesOfOneAdapterAtOnce_AnswerAsEachAlone()
    {
        await using var generator = new TextGenerator(_rig.Model, _rig.Tokenizer, [], _lanes, prefixCacheBytes: 1 << 26);
        var adapter = _rig.Lora(4);
        var requests = Enumerable.Range(0, 6).Select(i => DecodeRig.Greedy([.. DecodeRig.Prompt(90, 1), .. DecodeRig.Prompt(3 + i, 2)], i % 2 == 0 ? adapter : null, tokens: 4 + 3 * i)).ToList();
        for (int turn = 0; turn < 2; turn++)
        {
            var answers = await Task.WhenAll(requests.Select(request => Text(generator, request)));
            for (int i = 0; i < requests.Count; i++) Assert.Equal(_rig.Alone(requests[i]).Text, answers[i]);
        }
    }

    [Fact]
    public async Task GenerateAsync_BadRequests_AreRefusedWithReasons()
    {
        await using var generator = Generator();
        Assert.Contains("no tokens", (await Refusal(generator, DecodeRig.Greedy([]))).Message, StringComparison.Ordinal);
        Assert.Contains("has 128 tokens; the model's context holds 128", (await Refusal(generator, DecodeRig.Greedy(DecodeRig.Prompt(128, 1)))).Message, StringComparison.Ordinal);
        Assert.Contains("Temperature is -1", (await Refusal(generator, new GenerationRequest { Prompt = [1], Sampling = new SamplingSettings { Temperature = -1 } })).Message, StringComparison.Ordinal);
        Assert.NotEmpty(await Text(generator, DecodeRig.Greedy([1, 2])));
    }

    [Fact]
    public async Task GenerateAsync_ConversationReachesTheContext_EndsThere()
    {
        await using var generator = Generator();
        var pieces = new List<GeneratedPiece>();
        await foreach (var piece in generator.GenerateAsync(DecodeRig.Greedy(DecodeRig.Prompt(120, 1), tokens: 100), TestContext.Current.CancellationToken)) pieces.Add(piece);
        Assert.Equal(FinishReason.Length, pieces[^1].Finish);
        Assert.Equal(8, pieces[^1].Tokens);
    }

    [Fact]
    public async Task DisposeAsync_WithALiveSession_EndsItsReader()
    {
        var generator = Generator();
        var reading = new TaskCompletionSource();
        var reader = Task.Run(async () =>
        {
            await foreach (var piece in generator.GenerateAsync(DecodeRig.Greedy(DecodeRig.Prompt(5, 1), tokens: 120), CancellationToken.None)) reading.TrySetResult();
        }, TestContext.Current.CancellationToken);
        await reading.Task;
        await generator.DisposeAsync();
        // Either the answer was complete by then, or its reader is told; it never waits on.
        var error = await Record.ExceptionAsync(() => reader.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        Assert.True(error is null or OperationCanceledException, error?.ToString());
        Assert.Empty(_rig.Model.Executor.Counters.Clients);
    }

    protected override void Release()
    {
        _lanes.Dispose();
        _rig.Dispose();
    }

    private TextGenerator Generator(params int[] stopIds) => new(_rig.Model, _rig.Tokenizer, stopIds, _lanes);

    private static GenerationRequest Sampled(long? seed) =>
        new() { Prompt = DecodeRig.Prompt(6, 9), Sampling = new SamplingSettings { Temperature = 1.5, TopP = 1, Seed = seed, MaxNewTokens = 40 } };

    private static async Task<string> Text(TextGenerator generator, GenerationRequest request)
    {
        string text = "";
        await foreach (var piece in generator.GenerateAsync(request, TestContext.Current.CancellationToken))
        {
            Assert.NotEqual(FinishReason.Error, piece.Finish);
            text += piece.Text;
        }
        return text;
    }

    private static async Task<int> Reused(TextGenerator generator, GenerationRequest request)
    {
        int reused = 0;
        await foreach (var piece in generator.GenerateAsync(request, TestContext.Current.CancellationToken))
        {
            Assert.NotEqual(FinishReason.Error, piece.Finish);
            reused = piece.Reused;
        }
        return reused;
    }

    private static Task<ArgumentException> Refusal(TextGenerator generator, GenerationRequest request) =>
        Assert.ThrowsAsync<ArgumentException>(() => Text(generator, request));
}

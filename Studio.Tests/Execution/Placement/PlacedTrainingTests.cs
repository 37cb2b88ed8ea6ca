using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Generation;
using Studio.Core.Tensors;
using Studio.Core.Text;
using Studio.Core.Training;
using Studio.Tests.Support;
using Studio.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Execution.Placement;

/// <summary>Runs and chats over a base in parts, and by clients that are elsewhere, are those over the whole base.</summary>
public sealed class PlacedTrainingTests : TensorTest
{
    private const int Steps = 5;
    private static readonly string Folder = FixtureFolder.Model("llama");
    private static readonly Device Elsewhere = StandIns.Device(9);

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(1, true)]
    public void RunStep_FiveSteps_LoseBitForBitWhatThePlainRunLoses(int parts, bool elsewhere)
    {
        var options = new ExecutorOptions { Policy = BatchingPolicy.None };
        (double[] Losses, float[] Values) expected = ([], []), found = ([], []);
        TestThread.RunTogether(() =>
        {
            using (var whole = StandIns.Whole(Folder, options)) expected = Train(whole, 1);
            using (var model = StandIns.Load(Folder, parts, elsewhere ? Elsewhere : null, options)) found = Train(model, 1);
        });
        Assert.True(expected.Losses[^1] < expected.Losses[0], "The run learns nothing: equal losses would prove nothing.");
        Assert.Equal(expected.Losses, found.Losses);
        Assert.Equal(expected.Values, found.Values);
    }

    [Theory]
    [InlineData(BatchingPolicy.None)]
    [InlineData(BatchingPolicy.Opportunistic)]
    [InlineData(BatchingPolicy.Lockstep)]
    public void RunStep_TwoRunsOverParts_LoseAsEachAlone(BatchingPolicy policy)
    {
        var options = new ExecutorOptions { Policy = policy, RidgeRows = 1000, OpportunisticWait = TimeSpan.FromSeconds(5), LockstepWait = TimeSpan.FromSeconds(5) };
        var (alone, together) = (new double[2][], new double[2][]);
        using (var whole = StandIns.Whole(Folder))
            for (int run = 0; run < 2; run++)
            {
                int which = run;
                TestThread.RunTogether(() => alone[which] = Train(whole, (ulong)which + 1).Losses);
            }
        using var model = StandIns.Load(Folder, 3, options: options);
        using var start = new Barrier(2);
        // One of them computes where the base begins, the other one elsewhere.
        TestThread.RunTogether([.. Enumerable.Range(0, 2).Select(run => new Action(() =>
            together[run] = Train(model, (ulong)run + 1, run == 0 ? null : Elsewhere, () => start.SignalAndWait()).Losses))]);
        for (int run = 0; run < 2; run++)
        {
            if (policy == BatchingPolicy.None) Assert.Equal(alone[run], together[run]);
            for (int step = 0; step < Steps; step++) Assert.Equal(1, together[run][step] / alone[run][step], 1e-5);
        }
        Assert.NotEqual(alone[0], alone[1]);
        if (policy == BatchingPolicy.None) Assert.Equal(0, model.Counters.SharedCalls);
        else Assert.True(model.Counters.SharedCalls > 0);
        Assert.Empty(model.Counters.Clients);
    }

    [Fact]
    public async Task GenerateAsync_ClientsElsewhereAndBaseInParts_WritesTheSameTokens()
    {
        var ct = TestContext.Current.CancellationToken;
        var tokenizer = TextTokenizer.Load(Path.Combine(FixtureFolder.Root, "tokenizers", "gpt2"));
        var expected = await Task.Run(() => Written(StandIns.Whole(Folder)), ct);
        Assert.NotEqual(expected[0], expected[1]);
        Assert.Equal(expected, await Task.Run(() => Written(StandIns.Load(Folder, 2, Elsewhere)), ct));

        async Task<string[]> Written(BaseModel model)
        {
            using var lanes = new ComputeLanePool(1, 1);
            using (model)
            using (var adapter = new AdapterInstance("a", Answer.Lora(model, 8)))
            {
                await using var generator = new TextGenerator(model, tokenizer, [], lanes);
                return [await Text(null), await Text(adapter)];

                async Task<string> Text(AdapterInstance? with)
                {
                    string text = "";
                    var request = new GenerationRequest { Prompt = [72, 101, 108, 108, 111], Adapter = with, Sampling = new SamplingSettings { Greedy = true, MaxNewTokens = 12 } };
                    await foreach (var piece in generator.GenerateAsync(request)) text += piece.Text;
                    return text;
                }
            }
        }
    }

    private static (double[] Losses, float[] Values) Train(BaseModel model, ulong seed, Device? device = null, Action? start = null)
    {
        // As a lane among others: bit equality holds between threads with the same number of helpers.
        set_num_threads(1);
        var settings = new TrainingSettings { BatchSize = 3, MaxSteps = Steps, Epochs = 50, LearningRate = 2e-2, EvalFraction = 0, WarmupRatio = 0, Seed = (long)seed };
        var data = TestSamples.Data(TestSamples.Make(6, model.Config.Vocabulary, seed), settings);
        var place = device ?? model.ClientDevice;
        using var instance = new AdapterInstance("a", Answer.Lora(model, seed));
        using var loop = new FineTuneLoop(model.ClientModel(place), model.Attach(new ClientOptions { Name = $"run {seed}", Device = place }), instance, data, settings);
        start?.Invoke();
        var losses = new List<double>();
        while (!loop.IsDone) losses.Add(loop.RunStep().Loss.Mean);
        return ([.. losses], instance.Adapter.Parameters.Values.ToFloatArray());
    }
}

using System.Text.Json;
using Studio.Core.Data;

namespace Studio.Tests.Data;

public sealed class EpochSamplerTests
{
    public static TheoryData<string> Plans() => ["samples", "tokens", "in order"];

    [Theory, MemberData(nameof(Plans))]
    public void Next_OneEpoch_GivesEverySampleOnceInANewOrder(string plan)
    {
        var sampler = new EpochSampler(Samples(), Plan(plan), 1);
        var first = Epoch(sampler);
        var second = Epoch(sampler);
        Assert.Equal(Enumerable.Range(0, 50), first.SelectMany(batch => batch).Order());
        Assert.Equal(Enumerable.Range(0, 50), second.SelectMany(batch => batch).Order());
        Assert.NotEqual(first.SelectMany(batch => batch), second.SelectMany(batch => batch));
    }

    [Theory, MemberData(nameof(Plans))]
    public void Next_SameSeed_GivesTheSameBatches(string plan)
    {
        Assert.Equal(Take(new EpochSampler(Samples(), Plan(plan), 9), 60), Take(new EpochSampler(Samples(), Plan(plan), 9), 60));
        Assert.NotEqual(Take(new EpochSampler(Samples(), Plan(plan), 9), 60), Take(new EpochSampler(Samples(), Plan(plan), 10), 60));
    }

    [Theory, MemberData(nameof(Plans))]
    public void State_SavedAtAnyBatch_ContinuesExactly(string plan)
    {
        var sampler = new EpochSampler(Samples(), Plan(plan), 3);
        for (var i = 0; i < 40; i++)
        {
            var saved = JsonSerializer.Deserialize<SamplerState>(JsonSerializer.Serialize(sampler.State))!;
            var resumed = new EpochSampler(Samples(), Plan(plan), saved);
            var ahead = Take(new EpochSampler(Samples(), Plan(plan), sampler.State), 40);
            Assert.Equal(ahead, Take(resumed, 40));
            Assert.Equal(ahead[0], Take(sampler, 1)[0]);
        }
    }

    [Fact]
    public void Next_BySamples_EndsTheEpochWithTheRest()
    {
        var sampler = new EpochSampler(SamplePackerTests.Samples(1, 1, 1, 1, 1), BatchPlan.BySamples(2), 0);
        Assert.Equal(3, sampler.BatchesInEpoch);
        var batches = Enumerable.Range(0, 4).Select(_ => sampler.Next()).ToArray();
        Assert.Equal([2, 2, 1, 2], batches.Select(batch => batch.Samples.Count));
        Assert.Equal([false, false, true, false], batches.Select(batch => batch.EndsEpoch));
        Assert.Equal([0, 0, 0, 1], batches.Select(batch => batch.Epoch));
    }

    [Fact]
    public void Next_ByTokens_StaysWithinTheBudget()
    {
        var sampler = new EpochSampler(Samples(), BatchPlan.ByTokens(32), 0);
        for (var i = 0; i < 100; i++) Assert.InRange(sampler.Next().Tokens, 1, 32);
    }

    [Fact]
    public void Constructor_NoSamples_IsRefused() => Assert.Throws<ArgumentException>(() => new EpochSampler([], BatchPlan.BySamples(1), 0));

    [Fact]
    public void Constructor_SampleOverTheBudget_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new EpochSampler(SamplePackerTests.Samples(9), BatchPlan.ByTokens(8), 0));

    [Fact]
    public void Constructor_StateOfAnotherDataset_IsRefused()
    {
        var state = new SamplerState(0, 20, new RandomSource(1).State);
        var error = Assert.Throws<ArgumentException>(() => new EpochSampler(SamplePackerTests.Samples(1, 1), BatchPlan.BySamples(1), state));
        Assert.Contains("batch 20", error.Message, StringComparison.Ordinal);
    }

    private static BatchPlan Plan(string name) => name switch
    {
        "samples" => BatchPlan.BySamples(4),
        "tokens" => BatchPlan.ByTokens(32),
        _ => BatchPlan.ByTokens(32, PackingOrder.InOrder),
    };

    /// <summary>Fifty samples, each known by its first token.</summary>
    private static List<TrainingSample> Samples() =>
        [.. Enumerable.Range(0, 50).Select(i => new TrainingSample([i, .. new int[1 + (i * 7 % 20)]], new bool[2 + (i * 7 % 20)]))];

    private static List<int[]> Epoch(EpochSampler sampler)
    {
        var batches = new List<int[]>();
        MicroBatch batch;
        do
        {
            batch = sampler.Next();
            batches.Add([.. batch.Samples.Select(sample => sample.Ids[0])]);
        }
        while (!batch.EndsEpoch);
        return batches;
    }

    private static List<string> Take(EpochSampler sampler, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => sampler.Next()).Select(batch => string.Join(' ', batch.Samples.Select(sample => sample.Ids[0])))];
}

using Studio.Bench.Measure;
using Studio.Core.Execution;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Bench.Measure;

/// <summary>Many runs on one base take the steps they are asked for.</summary>
public sealed class RunFleetTests : TensorTest
{
    [Fact]
    public async Task AddAndStep_EveryRun_TakesItsSteps()
    {
        using var model = BaseModel.Load("starter", Path.Combine(SourceFolder.Root, "models", "starter"), ScalarType.Float32, CPU);
        using var fleet = new RunFleet(model, tokens: 4, rank: 2, inFlight: 2);
        var complete = new List<int>();
        await fleet.AddAsync(1, 1, complete.Add);
        long step = Assert.Single(Calls());
        await fleet.AddAsync(4, 2, complete.Add);
        Assert.Equal([1, 2, 3, 4, 5], complete);
        long[] before = Calls();
        Assert.Equal(5, before.Length);
        // Their own two, and what they took as earlier runs while others were new.
        Assert.All(before.Skip(1), calls => Assert.True(calls >= 2 * step && calls % step == 0, $"{calls} calls, {step} a step"));
        await fleet.StepAsync(3);
        Assert.All(Calls().Zip(before), pair => Assert.Equal(3 * step, pair.First - pair.Second));
        Assert.True(fleet.Trainable > 0);

        long[] Calls() => [.. model.Executor.Counters.Clients.OrderBy(client => client.Name, StringComparer.Ordinal).Select(client => client.Calls)];
    }
}

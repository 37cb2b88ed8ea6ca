using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Tensors;
using Studio.Tests.Support;

namespace Studio.Tests.Execution;

/// <summary>Whatever the policy, the number of steps in flight and the order of arrival: every run has the losses of its solo run.</summary>
public sealed class ScheduleEquivalenceTests : TensorTest
{
    private const int Runs = 6;
    private static readonly Lazy<double[][]> Alone = new(LoseAlone);

    public static TheoryData<BatchingPolicy, int, int> Schedules
    {
        get
        {
            var data = new TheoryData<BatchingPolicy, int, int>();
            foreach (var policy in Enum.GetValues<BatchingPolicy>())
                foreach (int stepsInFlight in new[] { 0, 1, 2, 5 })
                    for (int order = 0; order < 2; order++) data.Add(policy, stepsInFlight, order);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public async Task Train_AnyPolicyAnySteps_AnyOrder_LosesAsAlone(BatchingPolicy policy, int stepsInFlight, int order)
    {
        using var model = new TinyModel();
        using var executor = model.Executor(policy);
        using var lanes = new ComputeLanePool();
        using var steps = new StepScheduler(lanes, new StepSchedulerOptions { StepsInFlight = stepsInFlight });
        var losses = new double[Runs][];
        var random = new Studio.Core.Data.RandomSource((ulong)order);
        int[] delays = [.. Enumerable.Range(0, Runs).Select(_ => random.Next(30))];
        await Task.WhenAll(Enumerable.Range(0, Runs).OrderBy(run => delays[run]).Select(async run =>
        {
            await Task.Delay(delays[run]);
            using var training = new ScheduledRun(model, executor, run);
            while (!training.IsDone) await steps.RunAsync(training.Demand, training.Step);
            losses[run] = training.Losses;
        }));
        for (int run = 0; run < Runs; run++)
        {
            Assert.True(Alone.Value[run][^1] < Alone.Value[run][0], "The run learns nothing: equal losses would prove nothing.");
            Assert.All(losses[run].Zip(Alone.Value[run]), pair => Assert.Equal(1, pair.First / pair.Second, 1e-5));
        }
        if (policy == BatchingPolicy.None || stepsInFlight == 1) Assert.Equal(0, executor.Counters.SharedCalls);
        if (policy == BatchingPolicy.Lockstep && stepsInFlight == 5) Assert.True(executor.Counters.SharedCalls > 0);
    }

    private static double[][] LoseAlone()
    {
        using var model = new TinyModel();
        return [.. Enumerable.Range(0, Runs).Select(run =>
        {
            using var executor = model.Executor(BatchingPolicy.None);
            using var training = new ScheduledRun(model, executor, run);
            while (!training.IsDone) training.Step();
            return training.Losses;
        })];
    }
}

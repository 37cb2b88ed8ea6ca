using Studio.Core.Clients;
using Studio.Core.Tensors;
using Studio.Tests.Support;
using Studio.Tests.Telemetry;

namespace Studio.Tests.Clients;

/// <summary>Which steps run when. Steps here stand still until the test lets them end.</summary>
public sealed class StepSchedulerTests : IDisposable
{
    private readonly ComputeLanePool _lanes = new();
    private readonly List<Held> _held = [];

    [Fact]
    public void RunAsync_ExplicitNumber_SoManyAtATime()
    {
        using var steps = new StepScheduler(_lanes, new StepSchedulerOptions { StepsInFlight = 3 });
        var all = Enumerable.Range(0, 5).Select(i => Start(steps, $"run {i}", rows: 8)).ToList();
        Await(() => all.Count(step => step.Runs) == 3);
        Assert.Equal((3, 2), (steps.InFlight, steps.Waiting));
        all.First(step => step.Runs).End();
        Await(() => all.Count(step => step.Runs) == 4);
        Assert.Equal((3, 1), (steps.InFlight, steps.Waiting));
    }

    [Fact]
    public void RunAsync_Automatic_FillsCoresWithLargeStepsOrManyTinyOnes()
    {
        using var steps = new StepScheduler(_lanes, new StepSchedulerOptions { RowsPerCore = 64 });
        var tiny = Enumerable.Range(0, 4 * steps.Capacity).Select(i => Start(steps, $"tiny {i}", rows: 16)).ToList();
        Await(() => tiny.All(step => step.Runs));
        var large = Start(steps, "large", rows: 512);
        Assert.Equal(1, steps.Waiting);
        foreach (var step in tiny.Take(4)) step.End();
        Await(() => large.Runs);
        foreach (var step in tiny.Skip(4)) step.End();

        var many = Enumerable.Range(0, steps.Capacity + 1).Select(i => Start(steps, $"large {i}", rows: 512)).ToList();
        Await(() => many.Count(step => step.Runs) == steps.Capacity - 1);
        Assert.Equal(2, steps.Waiting);
    }

    [Fact]
    public void RunAsync_MoreBytesThanAllowed_WaitsAndALargerStepRunsAlone()
    {
        using var steps = new StepScheduler(_lanes, new StepSchedulerOptions { StepsInFlight = 4 }) { Room = () => 100 };
        var first = Start(steps, "first", bytes: 70);
        var second = Start(steps, "second", bytes: 60);
        var third = Start(steps, "third", bytes: 20);
        Await(() => first.Runs);
        // The third would fit, but would pass the second by.
        Assert.Equal(2, steps.Waiting);
        first.End();
        Await(() => second.Runs && third.Runs);
        var huge = Start(steps, "huge", bytes: 1000);
        second.End();
        Await(() => steps.InFlight == 1);
        Assert.False(huge.Runs);
        third.End();
        Await(() => huge.Runs);
    }

    [Fact]
    public async Task RunAsync_OneLane_GivesTokensByShareWhateverTheSizesOfSteps()
    {
        // On a clock that stands still nobody is given up who has just left.
        using var steps = new StepScheduler(_lanes, new StepSchedulerOptions { StepsInFlight = 1 }, new TestTimeProvider());
        var gate = Start(steps, "gate", tokens: 1);
        var order = new List<string>();
        var runs = new[] { ("a", 100, 1.0), ("b", 25, 1.0), ("c", 100, 2.0) }.Select(run => RepeatAsync(run.Item1, run.Item2, run.Item3)).ToArray();
        Await(() => steps.Waiting == 3);
        gate.End();
        steps.Forget("gate");
        await Task.WhenAll(runs);

        // Up to its tenth step of a, everybody wants on.
        int end = order.Select((name, i) => (name, i)).Where(turn => turn.name == "a").ElementAt(9).i;
        var taken = order.Take(end).GroupBy(name => name).ToDictionary(group => group.Key, group => group.Count());
        Assert.Equal(9 * 100, taken["b"] * 25, 101.0);
        Assert.Equal(9 * 200, taken["c"] * 100, 201.0);

        async Task RepeatAsync(string name, int tokens, double share)
        {
            for (int i = 0; i < 50; i++)
            {
                await steps.RunAsync(new StepDemand(name, tokens, tokens, Share: share), () =>
                {
                    order.Add(name);
                    return true;
                });
            }
            steps.Forget(name);
        }
    }

    [Fact]
    public void RunAsync_LanesToSpareAndEqualShares_NobodyWaits()
    {
        using var steps = new StepScheduler(_lanes, new StepSchedulerOptions { StepsInFlight = 4 }, new TestTimeProvider());
        var slow = Start(steps, "slow", tokens: 10);
        for (int i = 0; i < 3; i++)
        {
            var quick = Start(steps, "quick", tokens: 500);
            Await(() => quick.Runs);
            quick.End();
            Await(() => steps.InFlight == 1);
        }
        Assert.False(slow.Task.IsCompleted);
    }

    [Fact]
    public void RunAsync_LanesToSpareAndASmallerShare_LeavesTheMachineToTheLarger()
    {
        var clock = new TestTimeProvider();
        using var steps = new StepScheduler(_lanes, new StepSchedulerOptions { StepsInFlight = 4 }, clock);
        var large = Start(steps, "large", tokens: 10, share: 2);
        var modest = Start(steps, "modest", tokens: 10, share: 1);
        Await(() => large.Runs && modest.Runs);
        modest.End();
        modest = Start(steps, "modest", tokens: 10, share: 1);
        Assert.Equal(1, steps.Waiting);
        large.End();
        Await(() => steps.InFlight == 0);
        Assert.False(modest.Runs);
        large = Start(steps, "large", tokens: 10, share: 2);
        Await(() => large.Runs && modest.Runs);

        modest.End();
        modest = Start(steps, "modest", tokens: 10, share: 1);
        large.End();
        Await(() => steps.InFlight == 0);
        Assert.Equal(1, steps.Waiting);
        // The larger one stays away: after a while nobody expects it back.
        clock.Advance(TimeSpan.FromSeconds(1));
        Await(() => modest.Runs);
    }

    [Fact]
    public async Task RunAsync_CancelledWhileWaiting_LeavesItsPlaceToTheNext()
    {
        using var steps = new StepScheduler(_lanes, new StepSchedulerOptions { StepsInFlight = 1 });
        var running = Start(steps, "running");
        using var stop = new CancellationTokenSource();
        var cancelled = steps.RunAsync(new StepDemand("cancelled", 1, 1), () => true, stop.Token);
        var next = Start(steps, "next", tokens: 50);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        running.End();
        Await(() => next.Runs);
    }

    [Fact]
    public async Task RunAsync_StepThatFails_FreesItsPlace()
    {
        using var steps = new StepScheduler(_lanes, new StepSchedulerOptions { StepsInFlight = 1 });
        for (int i = 0; i < 3; i++)
            await Assert.ThrowsAsync<InvalidDataException>(() => steps.RunAsync<bool>(new StepDemand("run", 1, 1), () => throw new InvalidDataException()));
        Assert.Equal((0, 0), (steps.InFlight, steps.Waiting));
    }

    public void Dispose()
    {
        foreach (var step in _held) step.End();
        Task.WaitAll([.. _held.Select(step => step.Task)], TimeSpan.FromMinutes(1));
        foreach (var step in _held) step.Dispose();
        _lanes.Dispose();
    }

    private Held Start(StepScheduler steps, string owner, int tokens = 1, int rows = 512, long bytes = 0, double share = 1)
    {
        var held = new Held();
        held.Task = steps.RunAsync(new StepDemand(owner, tokens, rows, bytes, share), held.Stand);
        _held.Add(held);
        return held;
    }

    private static void Await(Func<bool> condition) => TestThread.Await("the schedule is as expected", condition);

    private sealed class Held : IDisposable
    {
        private readonly ManualResetEventSlim _end = new();

        public Task Task { get; set; } = Task.CompletedTask;

        public volatile bool Runs;

        public void End() => _end.Set();

        public void Dispose() => _end.Dispose();

        public bool Stand()
        {
            Runs = true;
            return _end.Wait(TimeSpan.FromMinutes(1));
        }
    }
}

using Studio.Bench.Soak.Executor;
using Studio.Tests.Support;

namespace Studio.Tests.Bench;

/// <summary>The seeded short form of <c>soak executor</c>.</summary>
public sealed class ExecutorSoakTests : TensorTest
{
    [Fact]
    public void ClientsThatPauseAbandonLeaveAndFail_NobodyHangsLeaksOrLosesOtherwiseThanAlone()
    {
        var tally = new ExecutorSoak(new ExecutorSoakOptions { Seed = 7, Duration = TimeSpan.FromSeconds(50) }).Run();
        Assert.Empty(tally.Failures);
        Assert.True(tally is { Finished: > 5, Answers: > 5, Abandoned: > 0, Killed: > 0, Faults: > 0, SharedCalls: > 100 }, tally.ToString());
    }
}

using Studio.Core.Storage;
using Studio.Tests.Web.Doubles;
using Studio.Web.FineTunes;

namespace Studio.Tests.Web.FineTunes;

public sealed class RunLifeTests
{
    private readonly TestRunService _runs = new();

    [Theory]
    [InlineData(RunState.Running, 12, 135, "12 / 135 steps")]
    [InlineData(RunState.Running, 0, 0, "Preparing")]
    [InlineData(RunState.Queued, 0, 0, "No steps yet")]
    public void StepsOf_PlanKnownOrNot_SaysWhatIsKnown(RunState state, int step, int total, string expected)
    {
        var run = _runs.Add("a").Record with { State = state, Step = step, TotalSteps = total };

        Assert.Equal(expected, RunLife.StepsOf(run));
    }
}

using Studio.Core.Telemetry;

namespace Studio.Tests.Telemetry;

public sealed class EtaEstimatorTests
{
    private readonly TestTimeProvider time = new();
    private readonly EtaEstimator eta;

    public EtaEstimatorTests() => eta = new EtaEstimator(time);

    [Fact]
    public void Remaining_BeforeTheFirstStep_IsUnknown()
    {
        Assert.Null(eta.Remaining(100));
        eta.Report(0);
        Assert.Null(eta.Remaining(100));
    }

    [Fact]
    public void Remaining_SteadyPace_IsStepsLeftTimesPace()
    {
        Steps(10, TimeSpan.FromSeconds(2));

        Assert.Equal(180, eta.Remaining(100)!.Value.TotalSeconds, 1e-3);
    }

    [Fact]
    public void Remaining_BetweenReports_CountsDown()
    {
        Steps(10, TimeSpan.FromSeconds(2));
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(179, eta.Remaining(100)!.Value.TotalSeconds, 1e-3);
    }

    [Fact]
    public void Remaining_ReportsOfSeveralSteps_CountsEachStep()
    {
        eta.Report(0);
        time.Advance(TimeSpan.FromSeconds(20));
        eta.Report(10);

        Assert.Equal(20, eta.Remaining(20)!.Value.TotalSeconds, 1e-3);
    }

    [Fact]
    public void Remaining_AfterAPause_KeepsThePace()
    {
        Steps(10, TimeSpan.FromSeconds(2));
        eta.Pause();
        time.Advance(TimeSpan.FromHours(3));
        eta.Report(10);

        Assert.Equal(20, eta.Remaining(20)!.Value.TotalSeconds, 1e-3);
    }

    [Fact]
    public void Remaining_PaceChangesForGood_FollowsIt()
    {
        Steps(50, TimeSpan.FromSeconds(1));
        for (var step = 51; step <= 250; step++)
        {
            time.Advance(TimeSpan.FromSeconds(4));
            eta.Report(step);
        }

        Assert.InRange(eta.Remaining(350)!.Value.TotalSeconds, 398, 400);
    }

    [Fact]
    public void Remaining_AllStepsDone_IsZero()
    {
        Steps(10, TimeSpan.FromSeconds(2));

        Assert.Equal(TimeSpan.Zero, eta.Remaining(10));
    }

    private void Steps(int count, TimeSpan each)
    {
        eta.Report(0);
        for (var step = 1; step <= count; step++)
        {
            time.Advance(each);
            eta.Report(step);
        }
    }
}

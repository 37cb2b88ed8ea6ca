using Studio.Core.Runs.Admission;

namespace Studio.Tests.Runs.Admission;

public sealed class ForecastCalibrationTests
{
    private readonly ForecastCalibration _calibration = new();

    [Fact]
    public void FactorOf_NothingMeasured_IsOne() => Assert.Equal(1, _calibration.FactorOf("m"));

    [Fact]
    public void Report_MoreThanCalculated_FollowsWithinAFewSteps()
    {
        for (int step = 0; step < 4; step++) _calibration.Report("m", 1.4, own: null);
        Assert.InRange(_calibration.FactorOf("m"), 1.37, 1.4);
        Assert.Equal(1, _calibration.FactorOf("another"));
    }

    [Fact]
    public void Report_LessThanCalculated_FollowsSlowly()
    {
        for (int step = 0; step < 4; step++) _calibration.Report("m", 0.6, 0.6);
        Assert.InRange(_calibration.FactorOf("m"), 0.8, 0.9);
        for (int step = 0; step < 60; step++) _calibration.Report("m", 0.6, 0.6);
        Assert.Equal(0.6, _calibration.FactorOf("m"), 0.01);
    }

    [Fact]
    public void Report_LessInCompany_SaysNothing()
    {
        for (int step = 0; step < 50; step++) _calibration.Report("m", 0.2, own: null);
        Assert.Equal(1, _calibration.FactorOf("m"));
    }

    [Fact]
    public void Report_LittleBecauseItsOwnBatchWasSmall_SaysNothing()
    {
        for (int step = 0; step < 50; step++) _calibration.Report("m", 0.6, own: 1);
        Assert.Equal(1, _calibration.FactorOf("m"));
    }

    [Theory]
    [InlineData(100, ForecastCalibration.Most)]
    [InlineData(0, ForecastCalibration.Least)]
    public void Report_BeyondBelief_IsBounded(double ratio, double bound)
    {
        for (int step = 0; step < 200; step++) _calibration.Report("m", ratio, ratio);
        Assert.Equal(bound, _calibration.FactorOf("m"), 1e-6);
    }

    [Fact]
    public void Report_OneOutlierDownward_ChangesLittle()
    {
        for (int step = 0; step < 20; step++) _calibration.Report("m", 1.5, 1.5);
        double before = _calibration.FactorOf("m");
        _calibration.Report("m", 0.5, 0.5);
        Assert.InRange(_calibration.FactorOf("m"), before - 0.11, before);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Report_NoNumber_IsRefused(double ratio) => Assert.Throws<ArgumentOutOfRangeException>(() => _calibration.Report("m", ratio, ratio));
}

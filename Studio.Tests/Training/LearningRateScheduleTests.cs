using Studio.Core.Training;

namespace Studio.Tests.Training;

public sealed class LearningRateScheduleTests
{
    // torch.optim.lr_scheduler.LambdaLR calls the lambda with the number of steps before.
    [Fact]
    public void At_Cosine_FollowsTheClosedFormula()
    {
        var schedule = new LearningRateSchedule(ScheduleKind.Cosine, 2, totalSteps: 20, warmupRatio: 0.2);
        Assert.Equal(4, schedule.WarmupSteps);
        Assert.Equal([0, 0.5, 1, 1.5], Enumerable.Range(0, 4).Select(schedule.At));
        for (int step = 4; step < 20; step++) Assert.Equal(1 + Math.Cos(Math.PI * (step - 4) / 16), schedule.At(step), 1e-12);
        Assert.Equal(0, schedule.At(20), 1e-12);
    }

    [Fact]
    public void At_Linear_FollowsTheClosedFormula()
    {
        var schedule = new LearningRateSchedule(ScheduleKind.Linear, 3, totalSteps: 10, warmupRatio: 0.1);
        Assert.Equal(0, schedule.At(0));
        for (int step = 1; step <= 10; step++) Assert.Equal(3 * (10 - step) / 9.0, schedule.At(step), 1e-12);
        Assert.Equal(0, schedule.At(11));
    }

    [Fact]
    public void At_Constant_StaysAtThePeakAfterTheWarmup()
    {
        var schedule = new LearningRateSchedule(ScheduleKind.Constant, 0.01, totalSteps: 8, warmupRatio: 0.25);
        Assert.Equal([0, 0.005, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01], Enumerable.Range(0, 8).Select(schedule.At));
    }

    [Theory]
    [InlineData(ScheduleKind.Cosine)]
    [InlineData(ScheduleKind.Linear)]
    [InlineData(ScheduleKind.Constant)]
    public void At_WithoutWarmup_StartsAtThePeak(ScheduleKind kind) =>
        Assert.Equal(0.5, new LearningRateSchedule(kind, 0.5, totalSteps: 3, warmupRatio: 0).At(0));

    [Theory]
    [InlineData(100, 0.05, 5)]
    [InlineData(101, 0.05, 6)]
    [InlineData(7, 0, 0)]
    [InlineData(7, 1, 7)]
    public void WarmupSteps_OfARatio_AreRoundedUp(int total, double ratio, int expected) =>
        Assert.Equal(expected, new LearningRateSchedule(ScheduleKind.Linear, 1, total, ratio).WarmupSteps);

    [Theory]
    [InlineData(100, 16, 1, 3.0, null, 7, 21)]
    [InlineData(100, 16, 4, 3.0, null, 2, 6)]
    [InlineData(100, 16, 1, 0.5, null, 7, 4)]
    [InlineData(100, 16, 1, 3.0, 5, 7, 5)]
    [InlineData(1, 16, 8, 1.0, null, 1, 1)]
    public void StepPlan_OfSamples_CountsPartialBatchesAndEpochs(int samples, int batch, int accumulation, double epochs, int? most, int perEpoch, int total)
    {
        var settings = new TrainingSettings { BatchSize = batch, GradientAccumulation = accumulation, Epochs = epochs, MaxSteps = most };
        Assert.Equal(new StepPlan(perEpoch, total), StepPlan.For(samples, settings));
    }
}

using Studio.Core.Runs.Admission;
using Studio.Tests.Telemetry;

namespace Studio.Tests.Runs.Admission;

/// <summary>What steps are measured to take in a process whose memory a test sets, over a clock that it moves.</summary>
public sealed class StepMeterTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly TestTimeProvider _time = new();
    private readonly ForecastCalibration _calibration = new();
    private readonly StepMeter _meter;
    private long _native = 300 * MiB;
    private long _held;

    public StepMeterTests() => _meter = new StepMeter(() => _native, () => _held, () => { }, _calibration, _time);

    public void Dispose() => _meter.Dispose();

    [Fact]
    public void Step_TakesWhatWasExpected_ChangesNoFactor()
    {
        for (int i = 0; i < 5; i++) Assert.Equal(100 * MiB, Take(expected: 100 * MiB, taken: 100 * MiB));
        Assert.Equal(1, _calibration.FactorOf("m"), 1e-6);
    }

    [Fact]
    public void Step_TakesMore_RaisesTheFactorOfItsModelOnly()
    {
        for (int i = 0; i < 6; i++) Take(expected: 100 * MiB, taken: 150 * MiB);
        Assert.InRange(_calibration.FactorOf("m"), 1.45, 1.5);
        Assert.Equal(1, _calibration.FactorOf("n"));
    }

    [Fact]
    public void Step_TakesLess_LowersTheFactorUnlessItsBatchWasSmall()
    {
        for (int i = 0; i < 20; i++) Take(expected: 100 * MiB, taken: 60 * MiB, own: 60 * MiB);
        Assert.Equal(1, _calibration.FactorOf("m"), 1e-6);
        for (int i = 0; i < 40; i++) Take(expected: 100 * MiB, taken: 60 * MiB);
        Assert.InRange(_calibration.FactorOf("m"), 0.6, 0.62);
    }

    [Fact]
    public void Step_MemoryThatOthersTookMeanwhile_DoesNotCount()
    {
        using var step = _meter.Begin("m", 100 * MiB);
        _held += 500 * MiB; // another run's moments, say
        _native += 600 * MiB;
        _time.Advance(StepMeter.Interval);
        Assert.Equal(100 * MiB, step.Bytes);
    }

    [Fact]
    public void Steps_Together_ShareTheGrowthByWhatWasExpected()
    {
        using var large = _meter.Begin("m", 300 * MiB);
        using var small = _meter.Begin("m", 100 * MiB);
        _native += 480 * MiB;
        _time.Advance(StepMeter.Interval);
        Assert.Equal((360 * MiB, 120 * MiB), (large.Bytes!.Value, small.Bytes!.Value));
        Assert.False(large.Alone || small.Alone);
    }

    [Fact]
    public void Step_AfterALargerOneWhoseMemoryIsKept_IsNotBlamedForIt()
    {
        Take(expected: 10 * MiB, taken: 10 * MiB);
        Take(expected: 400 * MiB, taken: 400 * MiB, kept: 400 * MiB);
        Assert.InRange(Take(expected: 100 * MiB, taken: 0)!.Value, 0, 110 * MiB);
        Assert.Equal(1, _calibration.FactorOf("m"), 0.1);
    }

    [Fact]
    public void Step_OverBeforeAReading_SaysNothing()
    {
        using (_meter.Begin("m", 100 * MiB)) _native += 900 * MiB;
        Assert.Equal(1, _calibration.FactorOf("m"));
    }

    [Fact]
    public void Step_TooSmallToTell_SaysNothing()
    {
        Take(expected: MiB, taken: 40 * MiB);
        Assert.Equal(1, _calibration.FactorOf("m"));
    }

    [Fact]
    public void Floor_WhatTheFirstStepBroughtForGood_BelongsToNoStep()
    {
        Assert.Equal(300 * MiB, _meter.Floor);
        Take(expected: 100 * MiB, taken: 150 * MiB, kept: 50 * MiB);
        Assert.Equal(100 * MiB, Take(expected: 100 * MiB, taken: 100 * MiB));
        Assert.Equal(350 * MiB, _meter.Floor);
    }

    [Fact]
    public void Read_NoStepInFlight_ReadsNothing()
    {
        Take(expected: 100 * MiB, taken: 100 * MiB);
        int readings = 0;
        using var meter = new StepMeter(() => { readings++; return 0; }, () => 0, () => { }, _calibration, _time);
        meter.Begin("m", 1).Dispose();
        int after = readings;
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(after, readings);
    }

    private long? Take(long expected, long taken, long kept = 0, long? own = null)
    {
        using var step = _meter.Begin("m", expected);
        step.Own = own ?? expected;
        _native += taken;
        _time.Advance(StepMeter.Interval);
        _native -= taken - kept;
        return step.Bytes;
    }
}

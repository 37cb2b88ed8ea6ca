using Studio.Core.Telemetry;

namespace Studio.Tests.Telemetry;

public sealed class ThroughputMeterTests
{
    private readonly TestTimeProvider time = new();

    [Fact]
    public void TokensPerSecond_BeforeAnyTimePassed_IsZero()
    {
        var meter = new ThroughputMeter(time);
        meter.Add(100);

        Assert.Equal(0, meter.TokensPerSecond);
    }

    [Fact]
    public void TokensPerSecond_YoungerThanTheWindow_DividesByItsAge()
    {
        var meter = new ThroughputMeter(time);
        time.Advance(TimeSpan.FromSeconds(2));
        meter.Add(512);

        Assert.Equal(256, meter.TokensPerSecond, 1e-9);
    }

    [Fact]
    public void TokensPerSecond_SteadyForLong_IsTheRate()
    {
        var meter = new ThroughputMeter(time);
        for (var i = 0; i < 1000; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            meter.Add(30);
        }

        // One slot of the window (2 %) may be only partly over.
        Assert.InRange(meter.TokensPerSecond, 300 * 0.98, 300);
    }

    [Fact]
    public void TokensPerSecond_IdleForAWindow_IsZero()
    {
        var meter = new ThroughputMeter(time);
        meter.Add(1_000_000);
        time.Advance(TimeSpan.FromSeconds(10.1));

        Assert.Equal(0, meter.TokensPerSecond);
    }
}

using Studio.Core.Execution;
using Studio.Tests.Telemetry;
using Studio.Web.Monitoring;

namespace Studio.Tests.Web.Monitoring;

public sealed class ExecutorRatesTests
{
    private readonly TestTimeProvider _clock = new();

    [Fact]
    public void Next_FirstReading_IsZero() => Assert.Equal(ExecutorRate.Zero, Rates().Next(Counters(500)));

    [Fact]
    public void Next_AfterTwoSeconds_DividesTheGrowth()
    {
        var rates = Rates();
        rates.Next(Counters(100));
        _clock.Advance(TimeSpan.FromSeconds(2));

        var rate = rates.Next(Counters(300));

        Assert.Equal(new ExecutorRate(100, 1000, 50, 20, 0.25), rate);
        Assert.Equal(2, rate.MeanBatch);
    }

    [Fact]
    public void Next_LongAfter_ForgetsWhatLiesBeforeTheWindow()
    {
        var rates = Rates();
        rates.Next(Counters(0));
        for (var second = 1; second <= 20; second++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            rates.Next(Counters(10_000));
        }

        Assert.Equal(0, rates.Next(Counters(10_000)).Calls);
        Assert.Null(rates.Next(Counters(10_000)).MeanBatch);
    }

    [Fact]
    public void Next_CountersBeganAnew_IsNeverNegative()
    {
        var rates = Rates();
        rates.Next(Counters(1_000));
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(ExecutorRate.Zero, rates.Next(Counters(10)));
    }

    private ExecutorRates Rates() => new(_clock, TimeSpan.FromSeconds(5));

    // Two calls a product, ten rows a call, every fifth call shared, 2.5 ms a call.
    private static ExecutorCounters Counters(long calls) => new(calls, calls / 2, calls * 10, calls / 5, TimeSpan.FromMilliseconds(calls * 2.5), []);
}

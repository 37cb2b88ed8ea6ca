using Studio.Core.Execution;
using Studio.Tests.Telemetry;
using Studio.Web.Monitoring;

namespace Studio.Tests.Web.Monitoring;

public sealed class ExecutorRatesTests
{
    private readonly TestTimeProvider _clock = new();

    [Fact]
    public void Next_FirstReading_IsZero() => Assert.Equal(ExecutorRate.Zero, Rates().Next(Counters(500)).Rate);

    [Fact]
    public void Next_AfterTwoSeconds_DividesTheGrowth()
    {
        var rates = Rates();
        rates.Next(Counters(100));
        _clock.Advance(TimeSpan.FromSeconds(2));

        var rate = rates.Next(Counters(300)).Rate;

        Assert.Equal(new ExecutorRate(100, 1000, 50, 20, 0.25, 2e6), rate);
        Assert.Equal(2, rate.MeanBatch);
        Assert.Equal(20, rate.MeanRows);
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

        Assert.Equal(0, rates.Next(Counters(10_000)).Rate.Calls);
        Assert.Null(rates.Next(Counters(10_000)).Rate.MeanBatch);
    }

    [Fact]
    public void Next_CountersBeganAnew_IsNeverNegative()
    {
        var rates = Rates();
        rates.Next(Counters(1_000));
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(ExecutorRate.Zero, rates.Next(Counters(10)).Rate);
    }

    [Fact]
    public void Next_Sizes_AreThoseOfTheWindow()
    {
        var rates = Rates();
        rates.Next(Counters(100) with { RequestsPerBatch = new SizeHistogram([50]), RowsPerBatch = new SizeHistogram([0, 0, 50]) });
        _clock.Advance(TimeSpan.FromSeconds(1));

        var window = rates.Next(Counters(104) with { RequestsPerBatch = new SizeHistogram([51, 1]), RowsPerBatch = new SizeHistogram([0, 0, 51, 0, 1]) });

        Assert.Equal([1L, 1L], window.RequestsPerBatch.Counts);
        Assert.Equal([0L, 0L, 1L, 0L, 1L], window.RowsPerBatch.Counts);
    }

    [Fact]
    public void Next_Clients_EachHasItsRatesAndSharesOfWaiting()
    {
        var rates = Rates();
        rates.Next(Counters(100, Client("twin", 10, 1, 3), Client("twin", 50, 0, 0)));
        _clock.Advance(TimeSpan.FromSeconds(4));

        var clients = rates.Next(Counters(200, Client("twin", 30, 2, 6), Client("twin", 50, 0, 0), Client("new", 8, 0, 100))).Clients;

        // Of two with one name each is compared with itself; one that came lately counts from zero.
        Assert.Equal([5d, 0d, 2d], clients.Select(client => client.Calls));
        Assert.Equal([0.25, 0d, 0d], clients.Select(client => client.HeldOff));
        Assert.Equal([0.75, 0d, 1d], clients.Select(client => client.Mates));
    }

    [Fact]
    public void Next_NameOfAClientThatLeft_IsAnotherClient()
    {
        var rates = Rates();
        rates.Next(Counters(100, Client("a", 90, 9, 9)));
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(4, Assert.Single(rates.Next(Counters(104, Client("a", 4, 0, 0))).Clients).Calls);
    }

    private ExecutorRates Rates() => new(_clock, TimeSpan.FromSeconds(5));

    // Two calls a product, ten rows a call, every fifth call shared, 2.5 ms and 20,000 operations a call.
    private static ExecutorCounters Counters(long calls, params ClientCounters[] clients) =>
        new(calls, calls / 2, calls * 10, calls / 5, TimeSpan.FromMilliseconds(calls * 2.5), clients) { Operations = calls * 2e4 };

    private static ClientCounters Client(string name, long calls, double held, double mates) =>
        new(name, calls, calls, TimeSpan.FromSeconds(held + mates), InPass: false) { HeldOff = TimeSpan.FromSeconds(held) };
}

using Studio.Core.Telemetry;

namespace Studio.Tests.Telemetry;

public sealed class CountersTests
{
    [Fact]
    public void Snapshot_AfterConcurrentAdds_HoldsExactSums()
    {
        var counters = new Counters();
        counters.Add("calls", (long)int.MaxValue * 4);

        Parallel.For(0, 10_000, i =>
        {
            counters.Increment("calls");
            counters.AddSum("seconds", 0.25);
            counters.Set("waiting", 3);
        });

        var snapshot = counters.Snapshot();
        Assert.Equal(((long)int.MaxValue * 4) + 10_000, snapshot.Counts["calls"]);
        Assert.Equal(2_500, snapshot.Sums["seconds"]);
        Assert.Equal(3, snapshot.Gauges["waiting"]);
    }

    [Fact]
    public void Snapshot_Taken_DoesNotMoveWithTheCounters()
    {
        var counters = new Counters();
        counters.Increment("calls");
        var snapshot = counters.Snapshot();

        counters.Increment("calls");

        Assert.Equal(1, snapshot.Counts["calls"]);
    }
}

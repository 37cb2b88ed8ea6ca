using Studio.Core.Storage;
using Studio.Core.Telemetry;
using Studio.Tests.Web.Doubles;
using Studio.Web.Monitoring;
using Studio.Web.Theme;

namespace Studio.Tests.Web.Monitoring;

public sealed class OwnerHistoryTests
{
    private readonly MetricStore _metrics = new(new ChangeSignal());
    private readonly TestRunService _runs = new();

    [Fact]
    public void Add_AdapterInTraining_CountsToItsRun()
    {
        _runs.Add("a");
        _runs.Add("done", RunState.Finished);
        new OwnerHistory(_metrics).Add(Held(("a", 2), ("a-adapter", 1), ("done-adapter", 4)), _runs.Runs, DateTimeOffset.UnixEpoch);

        Assert.Equal(3, Latest("a"));
        Assert.Null(Latest("a-adapter"));
        Assert.Equal(4, Latest("done-adapter"));
    }

    [Fact]
    public void Add_OwnerLeaves_FallsToZero()
    {
        var history = new OwnerHistory(_metrics);
        history.Add(Held(("a", 2)), [], DateTimeOffset.UnixEpoch);

        history.Add(Held(), [], DateTimeOffset.UnixEpoch.AddSeconds(2));

        Assert.Equal([2d, 0d], _metrics.Read(OwnerHistory.Of("a")).Points.Select(point => point.Value));
    }

    [Fact]
    public void Lines_Owners_StandOnTheBaseModelsInTheOrderOfTheirNames()
    {
        _runs.Add("a");
        MemoryOwner[] owners =
        [
            new("x", "zebra", "Adapter", null, []), new("a", "ant", "Fine-tune", null, []), new("a-adapter", "ant", "Adapter", null, []), new("m", "starter", MemoryOwners.BaseModel, null, []),
        ];

        var lines = OwnerHistory.Lines(owners, _runs.Runs, new SeriesColors());

        Assert.Equal(["starter", "ant", "zebra"], lines.Select(line => line.Name));
        Assert.All(lines, line => Assert.True(line.Stacked));
    }

    private static MemorySnapshot Held(params (string Owner, long Mebibytes)[] owners) =>
        new([.. owners.Select(owner => new MemoryEntry(owner.Owner, MemoryCategory.Adapter, owner.Mebibytes << 20))]);

    private double? Latest(string owner) => _metrics.Latest(OwnerHistory.Of(owner))?.Value;
}

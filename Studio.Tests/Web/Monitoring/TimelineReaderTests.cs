using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Serving;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;
using Studio.Tests.Telemetry;
using Studio.Web.Monitoring;

namespace Studio.Tests.Web.Monitoring;

public sealed class TimelineReaderTests
{
    private readonly TestTimeProvider _clock = new();
    private readonly ExecutorTimeline _products = new(capacity: 100);
    private readonly List<string> _clients = ["chat", "a"];
    private readonly TimelineReader _reader;

    public TimelineReaderTests()
    {
        var changes = new ChangeSignal();
        _reader = new TimelineReader(new StudioTelemetry(changes, new MetricStore(changes), new EventLog(changes), new ClientRegistry(),
            () => new MemoryView(new MemoryReading(0, 0, 0, 0, null), new MemorySnapshot([])),
            () => [new ExecutorView("m", "model", BatchingPolicy.None, new ExecutorCounters(0, 0, 0, 0, TimeSpan.Zero, [.. _clients.Select(Client)]))],
            (_, since) => _products.Since(since)), _clock);
    }

    [Fact]
    public void Read_Repeated_CountsEveryProductOnce()
    {
        Compute(10);
        _reader.Read();
        Compute(10);
        _reader.Read();
        _reader.Read();

        Assert.Equal(["chat", "a"], _reader.Slots.Lanes.Select(lane => lane.Client));
        Assert.Equal(20d / 5000, _reader.Slots.SharesOf(_reader.Slots.Lanes[1].Id).Forward, 6);
    }

    [Fact]
    public void Restart_AfterAPause_ShowsTheWholeWindowAgain()
    {
        Compute(10);
        _reader.Read();
        Assert.True(_reader.Read().Columns < TimelineSlots.Count);

        Compute(30);
        _reader.Restart();
        var frame = _reader.Read();

        Assert.Equal(TimelineSlots.Count, frame.Columns);
        Assert.Equal(40d / 5000, _reader.Slots.SharesOf(_reader.Slots.Lanes[1].Id).Forward, 6);
    }

    private static ClientCounters Client(string name) => new(name, 0, 0, TimeSpan.Zero, InPass: false) { Interactive = name == "chat" };

    // A product of the run, of so many milliseconds, that ends now.
    private void Compute(int milliseconds)
    {
        long start = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        _products.Add(new ExecutorSpan(start, _clock.GetTimestamp(), LayerId.Head, CallDirection.Forward, 1, ["a"]));
    }
}

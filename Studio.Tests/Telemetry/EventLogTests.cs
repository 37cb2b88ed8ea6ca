using Microsoft.Extensions.Logging;
using Studio.Core.Telemetry;

namespace Studio.Tests.Telemetry;

public sealed class EventLogTests
{
    private readonly TestTimeProvider time = new();

    [Fact]
    public void Read_AfterIndex_ReturnsWhatIsNew()
    {
        var log = new EventLog(new ChangeSignal(time), time: time);
        log.Append("run", LogLevel.Information, "begun");
        time.Advance(TimeSpan.FromSeconds(1));
        log.Append("run", LogLevel.Warning, "slow");
        log.Append("other", LogLevel.Error, "elsewhere");

        Assert.Equal([1, 2], log.Read("run").Select(l => l.Index));
        Assert.Equal(new EventLine(2, time.GetUtcNow(), LogLevel.Warning, "slow"), Assert.Single(log.Read("run", afterIndex: 1)));
        Assert.Empty(log.Read("run", afterIndex: 2));
        Assert.Empty(log.Read("nobody"));
    }

    [Fact]
    public void Append_BeyondCapacity_DropsTheOldestAndKeepsCounting()
    {
        var log = new EventLog(new ChangeSignal(time), capacity: 3, time);
        for (var i = 1; i <= 10; i++)
        {
            log.Append("run", LogLevel.Information, $"line {i}");
        }

        Assert.Equal([8, 9, 10], log.Read("run", afterIndex: 2).Select(l => l.Index));
    }

    [Fact]
    public void Remove_Owner_ForgetsItsLinesAndSignals()
    {
        var log = new EventLog(new ChangeSignal(time), time: time);
        log.Append("run", LogLevel.Information, "begun");
        var calls = 0;
        using var subscription = log.Changes.Subscribe("run", () => Task.FromResult(calls++));

        log.Remove("run");
        time.Advance(TimeSpan.Zero);

        Assert.Empty(log.Read("run"));
        Assert.Equal(1, calls);
    }
}

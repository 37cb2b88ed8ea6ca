using Microsoft.Extensions.Logging;
using Studio.Core.Telemetry;
using Studio.Tests.Web.Doubles;
using Studio.Web.Monitoring;

namespace Studio.Tests.Web.Monitoring;

public sealed class RecentEventsTests
{
    private readonly TestRunService _runs = new();
    private readonly EventLog _log = new(new ChangeSignal());

    [Fact]
    public void Read_SeveralRuns_AreOneListByTimeAndOnce()
    {
        _runs.Add("a");
        _runs.Add("b");
        var recent = new RecentEvents(_log, 10);
        Write("a", 1);
        Write("b", 2);
        Write("a", 3);

        Assert.Equal(["1", "2", "3"], Texts(recent));
        Write("b", 4);
        Assert.Equal(["1", "2", "3", "4"], Texts(recent));
        Assert.Equal("b run", recent.Read(_runs.Runs)[^1].Run);
    }

    [Fact]
    public void Read_MoreThanItKeeps_DropsTheOldest()
    {
        _runs.Add("a");
        var recent = new RecentEvents(_log, 2);
        for (var minute = 1; minute <= 5; minute++)
            Write("a", minute);

        Assert.Equal(["4", "5"], Texts(recent));
    }

    [Fact]
    public async Task Read_RunWasDeleted_ItsLinesAreGone()
    {
        _runs.Add("a");
        _runs.Add("b");
        var recent = new RecentEvents(_log, 10);
        Write("a", 1);
        Write("b", 2);
        Assert.Equal(["1", "2"], Texts(recent));

        await _runs.DeleteAsync("a", TestContext.Current.CancellationToken);

        Assert.Equal(["2"], Texts(recent));
    }

    private void Write(string run, int minute) => _log.Append(run, DateTimeOffset.UnixEpoch.AddMinutes(minute), LogLevel.Information, $"{minute}");

    private IEnumerable<string> Texts(RecentEvents recent) => recent.Read(_runs.Runs).Select(happened => happened.Line.Text);
}

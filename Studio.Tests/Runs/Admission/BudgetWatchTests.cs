using Studio.Core.Runs;
using Studio.Core.Runs.Admission;

namespace Studio.Tests.Runs.Admission;

/// <summary>A studio that grows beyond its budget pauses one run at a time and says why.</summary>
public sealed class BudgetWatchTests
{
    private const long GiB = 1L << 30;

    private readonly List<(string Id, string Reason)> _paused = [];
    private readonly List<WatchedRun> _training = [Watched("a", 1, 1.0, 1.1), Watched("b", 2, 1.0, 1.9), Watched("c", 3, 1.0, null)];
    private readonly BudgetWatch _watch;
    private long _used = 5 * GiB;
    private int _returned;

    public BudgetWatchTests() => _watch = new BudgetWatch(6 * GiB, () => _used, () => _training, Pause, () => _returned++);

    [Fact]
    public void Check_WithinTheBudget_DoesNothing()
    {
        for (int i = 0; i < 10; i++) _watch.Check();
        Assert.Empty(_paused);
        Assert.Equal(0, _returned);
    }

    [Fact]
    public void Check_OnceAbove_TriesToGiveMemoryBackFirst()
    {
        _used = 7 * GiB;
        _watch.Check();
        _used = 5 * GiB;
        _watch.Check();
        _used = 7 * GiB;
        _watch.Check();
        Assert.Empty(_paused);
        Assert.Equal(2, _returned);
    }

    [Fact]
    public void Check_TwiceAbove_PausesTheRunThatExceedsItsForecastMost()
    {
        Above(2);
        var (id, reason) = Assert.Single(_paused);
        Assert.Equal("b", id);
        Assert.Equal("The studio used 7.10 GiB of its memory budget of 6.00 GiB. This run took 1.90 GiB where 1.00 GiB were expected. "
            + "Nothing is lost: resume it when other runs have ended, or start one with a smaller batch.", reason);
    }

    [Fact]
    public void Check_NoneExceedsItsForecast_PausesTheYoungest()
    {
        _training.RemoveAll(run => run.Id != "c");
        _training.Add(Watched("d", 2, 1.0, 0.9));
        Above(2);
        Assert.Equal("c", Assert.Single(_paused).Id);
    }

    [Fact]
    public void Check_WhileTheRunIsOnItsWayToItsBoundary_PausesNoOther()
    {
        Above(20);
        Assert.Single(_paused);
    }

    [Fact]
    public void Check_StillAboveAfterThePause_WaitsLongerBeforeTheNext()
    {
        Above(2);
        _training.RemoveAll(run => run.Id == "b");
        Above(5);
        Assert.Single(_paused);
        Above(1);
        Assert.Equal(["b", "a"], _paused.Select(pause => pause.Id));
    }

    [Fact]
    public void Check_WellBelowAgain_TheNextExcessIsANewOne()
    {
        Above(2);
        _training.RemoveAll(run => run.Id == "b");
        _used = 5 * GiB;
        _watch.Check();
        Above(2);
        Assert.Equal(2, _paused.Count);
    }

    [Fact]
    public void Check_NobodyTrains_LooksAtNothing()
    {
        _training.Clear();
        Above(5);
        Assert.Empty(_paused);
    }

    private void Pause(string id, string reason)
    {
        _paused.Add((id, reason));
        int place = _training.FindIndex(run => run.Id == id);
        _training[place] = _training[place] with { IsLeaving = true };
    }

    private void Above(int readings)
    {
        _used = (long)(7.1 * GiB);
        for (int i = 0; i < readings; i++) _watch.Check();
    }

    private static WatchedRun Watched(string id, int minute, double expected, double? measured) => new(id, DateTimeOffset.UnixEpoch.AddMinutes(minute),
        new RunMemory(new MemoryForecast((long)(expected * GiB), 0, 0, 0, 0), measured is { } bytes ? (long)(bytes * GiB) : null, 0), IsLeaving: false);
}

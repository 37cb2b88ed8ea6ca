using Studio.Web.Live;

namespace Studio.Tests.Web.Live;

public sealed class AddressWatchTests
{
    private readonly AddressWatch _watch = new();

    public AddressWatchTests() => _watch.IsNews("/start");

    [Fact]
    public void IsNews_UserNavigation_Is() => Assert.True(_watch.IsNews("/a"));

    [Fact]
    public void IsNews_TheSameAgain_IsNot() => Assert.False(_watch.IsNews("/start"));

    [Fact]
    public void IsNews_AnswersToThePage_AreNot()
    {
        _watch.Ask("/a");
        _watch.Ask("/b");

        Assert.False(_watch.IsNews("/start"));
        Assert.False(_watch.IsNews("/a"));
        Assert.False(_watch.IsNews("/b"));
    }

    [Fact]
    public void IsNews_UserGoesBackLater_Is()
    {
        _watch.Ask("/a");
        _watch.IsNews("/a");

        Assert.True(_watch.IsNews("/start"));
        Assert.True(_watch.IsNews("/a"));
    }

    [Fact]
    public void IsNews_OvertakenAnswer_IsForgotten()
    {
        _watch.Ask("/a");
        _watch.Ask("/b");

        Assert.False(_watch.IsNews("/b"));
        Assert.True(_watch.IsNews("/a"));
    }

    [Fact]
    public void IsNews_UserWentElsewhere_NothingIsExpectedAnyMore()
    {
        _watch.Ask("/a");

        Assert.True(_watch.IsNews("/elsewhere"));
        Assert.True(_watch.IsNews("/a"));
    }
}

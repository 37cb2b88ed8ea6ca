using Studio.Core.Execution;

namespace Studio.Tests.Execution;

public sealed class FairClockTests
{
    [Fact]
    public void Serve_TurnsOfDifferentSizesAndShares_GiveTokensInProportionToTheShares()
    {
        var clock = new FairClock();
        (double Cost, double Share)[] owners = [(256, 1), (8, 1), (100, 3)];
        double[] accounts = new double[3], tokens = new double[3];
        for (int turn = 0; turn < 20_000; turn++)
        {
            var entered = accounts.Select(clock.Enter).ToArray();
            int next = Array.IndexOf(entered, entered.Min());
            accounts[next] = clock.Serve(entered[next], owners[next].Cost, owners[next].Share);
            tokens[next] += owners[next].Cost;
        }
        Assert.Equal(1, tokens[0] / tokens[1], 0.01);
        Assert.Equal(3, tokens[2] / tokens[1], 0.01);
    }

    [Fact]
    public void Enter_AfterALongAbsence_DoesNotMakeUpForIt()
    {
        var clock = new FairClock();
        double busy = 0;
        for (int i = 0; i < 100; i++) busy = clock.Serve(clock.Enter(busy), cost: 10, share: 1);
        double returned = clock.Enter(0);
        Assert.Equal(990, returned);
        Assert.InRange(clock.Serve(returned, 10, 1), busy, busy + 10);
    }

    [Fact]
    public void Serve_ShareThatIsNotPositive_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new FairClock().Serve(0, 1, 0));
}

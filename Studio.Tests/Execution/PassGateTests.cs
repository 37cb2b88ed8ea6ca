using Studio.Core.Execution;
using Studio.Tests.Support;
using Studio.Tests.Telemetry;

namespace Studio.Tests.Execution;

public sealed class PassGateTests
{
    private readonly TestTimeProvider _clock = new();

    [Fact]
    public void TryEnter_NoInteractivePass_IsFree()
    {
        var gate = new PassGate(0.25, _clock);
        Assert.True(gate.TryEnterTraining(out long reserved));
        Assert.Equal(0, reserved);
        Assert.False(gate.IsHeld);
    }

    [Fact]
    public void TryEnter_InteractivePass_HoldsUntilTheLastOneEnds()
    {
        var gate = new PassGate(0.25, _clock);
        gate.EnterInteractive();
        gate.EnterInteractive();
        Assert.False(gate.TryEnterTraining(out _));
        gate.LeaveInteractive();
        Assert.False(gate.TryEnterTraining(out _));
        gate.LeaveInteractive();
        Assert.True(gate.TryEnterTraining(out _));
    }

    [Fact]
    public void TryEnter_HeldTimeEarnsCredit_LetsACallThroughAtItsPrice()
    {
        var gate = new PassGate(0.25, _clock);
        gate.EnterInteractive();
        // A call is taken to last 5 ms until one has been measured: at a share of a quarter that is 20 ms of held time.
        _clock.Advance(TimeSpan.FromMilliseconds(19));
        Assert.False(gate.TryEnterTraining(out _));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(gate.TryEnterTraining(out long reserved));
        Assert.Equal(Ticks(5), reserved);
        Assert.False(gate.TryEnterTraining(out _));
    }

    [Fact]
    public void TryEnter_CreditOfShortPasses_AddsUp()
    {
        var gate = new PassGate(0.25, _clock);
        for (int pass = 0; pass < 20; pass++)
        {
            gate.EnterInteractive();
            Assert.False(gate.TryEnterTraining(out _));
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            gate.LeaveInteractive();
            _clock.Advance(TimeSpan.FromMilliseconds(100));
        }
        gate.EnterInteractive();
        Assert.True(gate.TryEnterTraining(out _));
    }

    [Theory]
    [InlineData(0.25, 3)]
    [InlineData(0.25, 40)]
    [InlineData(0.5, 10)]
    [InlineData(0.1, 80)]
    public void TryEnter_HeldWithoutEnd_TrainingKeepsItsShare(double share, int callMilliseconds)
    {
        Assert.InRange(KeptShare(share, callMilliseconds), share * 0.9, share * 1.1);
    }

    [Fact]
    public void TryEnter_CallsLongerThanASecondsShare_KeepAtLeastTheShare() => Assert.InRange(KeptShare(0.1, 400), 0.1, 0.3);

    // Part of two minutes of held time that calls of one length get.
    private double KeptShare(double share, int callMilliseconds)
    {
        var gate = new PassGate(share, _clock);
        gate.EnterInteractive();
        long computing = 0, total = 0;
        while (total < 120_000)
        {
            if (gate.TryEnterTraining(out long reserved))
            {
                _clock.Advance(TimeSpan.FromMilliseconds(callMilliseconds));
                gate.Pay(reserved, Ticks(callMilliseconds));
                computing += callMilliseconds;
                total += callMilliseconds;
                continue;
            }
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            total++;
        }
        return (double)computing / total;
    }

    [Fact]
    public void TryEnter_ShareOfZero_LetsNothingThrough()
    {
        var gate = new PassGate(0, _clock);
        gate.EnterInteractive();
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.False(gate.TryEnterTraining(out _));
    }

    [Fact]
    public void TryEnter_LongIdleCredit_IsBoundedToASecondsShare()
    {
        var gate = new PassGate(0.25, _clock);
        gate.EnterInteractive();
        _clock.Advance(TimeSpan.FromHours(1));
        int calls = 0;
        while (gate.TryEnterTraining(out long reserved) && calls < 1000)
        {
            gate.Pay(reserved, reserved);
            calls++;
        }
        Assert.Equal(50, calls); // 250 ms of credit at 5 ms a call
    }

    [Fact]
    public void Pay_FreeCall_LeavesNoDebt()
    {
        var gate = new PassGate(0.25, _clock);
        gate.Pay(0, Ticks(5));
        gate.EnterInteractive();
        _clock.Advance(TimeSpan.FromMilliseconds(20));
        Assert.True(gate.TryEnterTraining(out _));
    }

    [Fact]
    public void Pay_CallLongerThanReserved_IsPaidBackLater()
    {
        var gate = new PassGate(0.25, _clock);
        gate.EnterInteractive();
        _clock.Advance(TimeSpan.FromMilliseconds(20));
        Assert.True(gate.TryEnterTraining(out long reserved));
        gate.Pay(reserved, Ticks(105));
        // 100 ms of debt and a usual call of now 25 ms: 500 ms of held time at a quarter.
        _clock.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(gate.TryEnterTraining(out _));
        _clock.Advance(TimeSpan.FromMilliseconds(2));
        Assert.True(gate.TryEnterTraining(out _));
    }

    [Fact]
    public void WaitForTraining_PassEnds_Returns()
    {
        var gate = new PassGate(0, _clock);
        gate.EnterInteractive();
        var waiting = TestThread.Start("training", () => Assert.Equal(0, gate.WaitForTraining(CancellationToken.None)));
        gate.LeaveInteractive();
        waiting.Join();
    }

    [Fact]
    public void WaitForTraining_Cancelled_Throws()
    {
        var gate = new PassGate(0, _clock);
        gate.EnterInteractive();
        using var stop = new CancellationTokenSource();
        var waiting = TestThread.Start("training", () => gate.WaitForTraining(stop.Token));
        stop.Cancel();
        Assert.IsAssignableFrom<OperationCanceledException>(waiting.JoinFailure());
    }

    private long Ticks(double milliseconds) => (long)(milliseconds * _clock.TimestampFrequency / 1000);
}

using Studio.Core.Telemetry;

namespace Studio.Tests.Telemetry;

public sealed class CoalescingSubscriptionTests
{
    private static readonly TimeSpan Interval = ChangeSignal.DefaultInterval;
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);
    private readonly TestTimeProvider time = new();
    private readonly ChangeSignal signal;

    public CoalescingSubscriptionTests() => signal = new ChangeSignal(time);

    [Fact]
    public void Signal_First_CallsWithoutWaitingButNeverOnTheSignallersThread()
    {
        var calls = 0;
        using var subscription = signal.Subscribe("run", Count(() => calls++));

        signal.Signal("run");
        Assert.Equal(0, calls);
        time.Advance(TimeSpan.Zero);

        Assert.Equal(1, calls);
    }

    [Fact]
    public void Signal_ManyWithinAnInterval_CallsOnceMoreAtItsEnd()
    {
        var calls = 0;
        using var subscription = signal.Subscribe("run", Count(() => calls++));
        signal.Signal("run");
        time.Advance(TimeSpan.Zero);

        for (var i = 0; i < 100; i++)
        {
            signal.Signal("run");
        }

        time.Advance(Interval - Tick);
        Assert.Equal(1, calls);
        time.Advance(Tick);
        Assert.Equal(2, calls);
        time.Advance(Interval * 10);
        Assert.Equal(2, calls);
    }

    [Fact]
    public void Signal_Steadily_CallsOncePerInterval()
    {
        var calls = 0;
        using var subscription = signal.Subscribe("run", Count(() => calls++));

        for (var i = 0; i < 1000; i++)
        {
            signal.Signal("run");
            time.Advance(Interval / 100);
        }

        // At the beginning and at the end of each of the ten intervals.
        Assert.Equal(11, calls);
    }

    [Fact]
    public void Signal_DuringACall_IsAnsweredAfterItAndNotBefore()
    {
        var calls = 0;
        var running = new TaskCompletionSource();
        using var subscription = signal.Subscribe("run", () =>
        {
            calls++;
            return running.Task;
        });
        signal.Signal("run");
        time.Advance(TimeSpan.Zero);

        signal.Signal("run");
        time.Advance(Interval * 5);
        Assert.Equal(1, calls);
        running.SetResult();
        time.Advance(TimeSpan.Zero);

        Assert.Equal(2, calls);
    }

    [Fact]
    public void Signal_SubscriberThatThrows_IsCalledAgainAndHarmsNobodyElse()
    {
        var (failing, asynchronously, healthy) = (0, 0, 0);
        using var first = signal.Subscribe("run", () =>
        {
            failing++;
            throw new InvalidOperationException("subscriber");
        });
        using var second = signal.Subscribe("run", () =>
        {
            asynchronously++;
            return Task.FromException(new InvalidOperationException("subscriber"));
        });
        using var third = signal.Subscribe("run", Count(() => healthy++));

        for (var i = 0; i < 2; i++)
        {
            signal.Signal("run");
            time.Advance(Interval);
        }

        Assert.Equal((2, 2, 2), (failing, asynchronously, healthy));
    }

    [Fact]
    public void Dispose_WithASignalPending_CallsNoMore()
    {
        var calls = 0;
        var subscription = signal.Subscribe("run", Count(() => calls++));
        signal.Signal("run");

        subscription.Dispose();
        subscription.Dispose();
        signal.Signal("run");
        time.Advance(Interval * 2);

        Assert.Equal(0, calls);
    }

    [Fact]
    public void Dispose_OneOfTwo_LeavesTheOther()
    {
        var calls = 0;
        var gone = signal.Subscribe("run", Count(() => calls += 100));
        using var stays = signal.Subscribe("run", Count(() => calls++));

        gone.Dispose();
        signal.Signal("run");
        time.Advance(TimeSpan.Zero);

        Assert.Equal(1, calls);
    }

    [Fact]
    public void Subscribe_ToOneOwnerAndToAll_HearsWhatItAskedFor()
    {
        var (own, all) = (0, 0);
        using var one = signal.Subscribe("run", Count(() => own++));
        using var every = signal.SubscribeToAll(Count(() => all++));

        signal.Signal("other");
        time.Advance(Interval);
        signal.Signal("run");
        time.Advance(Interval);

        Assert.Equal((1, 2), (own, all));
    }

    private static Func<Task> Count(Action count) => () =>
    {
        count();
        return Task.CompletedTask;
    };
}

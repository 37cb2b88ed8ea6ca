using Studio.Web.Live;

namespace Studio.Tests.Web.Live;

public sealed class LiveRefreshTests
{
    private readonly List<Func<Task>> _queue = [];
    private readonly List<Exception> _failures = [];
    private int _refreshes;

    [Fact]
    public async Task Signal_ManyBeforeTheTurn_RefreshOnce()
    {
        using var live = Create(() => Task.CompletedTask);

        live.Signal();
        live.Signal();
        live.Signal();
        await RunQueueAsync();

        Assert.Equal(1, _refreshes);
    }

    [Fact]
    public async Task Signal_DuringARefresh_RefreshesOnceMoreAndNeverTwiceAtOnce()
    {
        var first = new TaskCompletionSource();
        using var live = Create(() => first.Task);
        live.Signal();
        var turn = RunQueueAsync();

        live.Signal();
        live.Signal();
        Assert.Equal(1, _refreshes);
        first.SetResult();
        await turn;
        await RunQueueAsync();

        Assert.Equal(2, _refreshes);
    }

    [Fact]
    public async Task Dispose_EndsSubscriptionsAndIgnoresLateSignals()
    {
        var source = new TestSignal();
        var live = Create(() => Task.CompletedTask);
        live.Watch(source.Subscribe);
        source.Raise();

        live.Dispose();
        source.Raise();
        await RunQueueAsync();

        Assert.Equal(0, _refreshes);
        Assert.Equal(0, source.Subscribers);
    }

    [Fact]
    public async Task Refresh_Throws_IsReportedAndLaterSignalsStillWork()
    {
        var fails = true;
        using var live = Create(() => fails ? throw new InvalidOperationException("broken") : Task.CompletedTask);
        live.Signal();
        await RunQueueAsync();

        fails = false;
        live.Signal();
        await RunQueueAsync();

        Assert.Equal("broken", Assert.Single(_failures).Message);
        Assert.Equal(2, _refreshes);
    }

    private LiveRefresh Create(Func<Task> refresh) => new(Dispatch, () => { _refreshes++; return refresh(); }, failure => { _failures.Add(failure); return Task.CompletedTask; });

    private Task Dispatch(Func<Task> work)
    {
        var done = new TaskCompletionSource();
        _queue.Add(async () =>
        {
            try
            {
                await work();
                done.SetResult();
            }
            catch (InvalidOperationException exception)
            {
                done.SetException(exception);
            }
        });
        return done.Task;
    }

    private async Task RunQueueAsync()
    {
        while (_queue.Count > 0)
        {
            var work = _queue[0];
            _queue.RemoveAt(0);
            await work();
        }
    }

    private sealed class TestSignal
    {
        private readonly List<Action> _actions = [];

        public int Subscribers => _actions.Count;

        public IDisposable Subscribe(Action action)
        {
            _actions.Add(action);
            return new Subscription(() => _actions.Remove(action));
        }

        public void Raise() => _actions.ToList().ForEach(action => action());

        private sealed class Subscription(Action end) : IDisposable
        {
            public void Dispose() => end();
        }
    }
}

using System.Threading.Channels;
using Studio.Core.Storage;
using Studio.Core.Telemetry;
using Studio.Core.Training;
using Studio.Tests.Web.Doubles;
using Studio.Web.Api;
using Studio.Web.Hubs;

namespace Studio.Tests.Web.Hubs;

public sealed class FollowerTests
{
    private const string Id = "r1";

    private readonly ChangeSignal _changes = new();
    private readonly MetricStore _metrics;
    private readonly TestRunService _runs = new();

    public FollowerTests()
    {
        _metrics = new MetricStore(_changes);
        _runs.Add(Id);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Start_SendsWhatIsThereAndThenOnlyWhatIsNew()
    {
        Add(1, 2);
        var client = new TestTelemetryClient();
        using var follower = await FollowAsync(client);
        Assert.Equal([1, 2], await client.NextStepsAsync());

        Add(3);

        Assert.Equal([3], await client.NextStepsAsync());
    }

    [Fact]
    public async Task Start_PointsThatComeWhileTheFirstPartIsOnTheWay_AreSentOnce()
    {
        Add(1);
        var client = new TestTelemetryClient { Hold = true };
        var started = FollowAsync(client);
        Assert.Equal([1], await client.NextStepsAsync());
        Add(2, 3);
        client.Release();
        using var follower = await started;

        Assert.Equal([2, 3], await client.NextStepsAsync());
    }

    [Fact]
    public async Task SlowClient_HasOneBatchOnTheWay_AndKeepsNobodyWaiting()
    {
        var slow = new TestTelemetryClient();
        var quick = new TestTelemetryClient();
        using var first = await FollowAsync(slow);
        using var second = await FollowAsync(quick);
        Assert.Empty(await slow.NextStepsAsync());
        Assert.Empty(await quick.NextStepsAsync());
        slow.Hold = true;
        Add(1);
        Assert.Equal([1], await slow.NextStepsAsync());
        Assert.Equal([1], await quick.NextStepsAsync());

        for (int step = 2; step <= 5; step++)
        {
            Add(step);
            Assert.Equal([step], await quick.NextStepsAsync());
        }

        Assert.Equal(1, slow.OnTheWay);
        slow.Hold = false;
        slow.Release();
        Assert.Equal([2, 3, 4, 5], await slow.NextStepsAsync());
    }

    [Fact]
    public async Task RunGone_SaysSoAndEnds()
    {
        var client = new TestTelemetryClient();
        using var follower = await FollowAsync(client);
        await _runs.DeleteAsync(Id, Ct);

        _changes.Signal(Id);

        Assert.Equal(Id, await client.Removed.WaitAsync(Ct));
    }

    [Fact]
    public async Task End_IsToldAfterTheLastPoints()
    {
        var client = new TestTelemetryClient();
        using var follower = await FollowAsync(client);
        await client.NextStepsAsync();

        _runs.Change(Id, view => view with { Record = view.Record with { State = RunState.Finished } });
        Add(10);

        Assert.Equal(10, await client.FinishedAfterAsync());
    }

    private async Task<RunFollower> FollowAsync(TestTelemetryClient client)
    {
        var follower = new RunFollower(Id, client, _runs, _metrics, SeriesReader.Of(_metrics, Id, [], null));
        await follower.StartAsync(call => _changes.Subscribe(Id, call, TimeSpan.Zero));
        return follower;
    }

    private void Add(params long[] steps) => _metrics.AddRange(new SeriesKey(Id, RunSeries.Loss), steps.Select(step => new MetricPoint(step, 1, DateTimeOffset.UnixEpoch, 0, 0)));

    private sealed class TestTelemetryClient : ITelemetryClient
    {
        private readonly Channel<long[]> _batches = Channel.CreateUnbounded<long[]>();
        private readonly TaskCompletionSource<string> _removed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<long> _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _onTheWay;
        private long _lastStep;

        /// <summary>Whether it takes batches only when released.</summary>
        public bool Hold { get; set; }

        public int OnTheWay => Volatile.Read(ref _onTheWay);

        public Task<string> Removed => _removed.Task;

        public async Task Points(string runId, RunPoints batch)
        {
            long[] steps = [.. batch.Series.SelectMany(series => series.Points).Select(point => point.Step)];
            if (steps.Length > 0) _lastStep = steps[^1];
            Interlocked.Increment(ref _onTheWay);
            var release = _released.Task;
            await _batches.Writer.WriteAsync(steps, Ct);
            if (Hold) await release.WaitAsync(Ct);
            Interlocked.Decrement(ref _onTheWay);
        }

        public Task RunChanged(RunDto run)
        {
            if (run.State == RunState.Finished) _finished.TrySetResult(_lastStep);
            return Task.CompletedTask;
        }

        public Task RunRemoved(string runId)
        {
            _removed.TrySetResult(runId);
            return Task.CompletedTask;
        }

        /// <summary>Steps of the next batch.</summary>
        public async Task<IReadOnlyList<long>> NextStepsAsync() => await _batches.Reader.ReadAsync(Ct);

        /// <summary>The last step that was sent before the run was said to have finished.</summary>
        public Task<long> FinishedAfterAsync() => _finished.Task.WaitAsync(Ct);

        public void Release() => Interlocked.Exchange(ref _released, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }
}

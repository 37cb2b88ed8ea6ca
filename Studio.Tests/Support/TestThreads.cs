namespace Studio.Tests.Support;

/// <summary>Work on a thread of its own, joined with a limit: a deadlock becomes a failure instead of a hanging test run.</summary>
internal sealed class TestThread
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private readonly Thread _thread;
    private readonly string _what;
    private Exception? _failure;

    private TestThread(Action work, string what)
    {
        _what = what;
        _thread = new Thread(() =>
        {
            try
            {
                work();
            }
            catch (Exception error)
            {
                _failure = error;
            }
        }) { IsBackground = true, Name = what };
    }

    /// <summary>Starts the work.</summary>
    public static TestThread Start(string what, Action work)
    {
        var thread = new TestThread(work, what);
        thread._thread.Start();
        return thread;
    }

    /// <summary>Runs all of it at once and waits for all.</summary>
    public static void RunTogether(params Action[] work)
    {
        var threads = work.Select((action, i) => Start($"thread {i}", action)).ToArray();
        foreach (var thread in threads) thread.Join();
    }

    /// <summary>Waits until something that another thread does has come about.</summary>
    public static void Await(string what, Func<bool> condition) =>
        Assert.True(SpinWait.SpinUntil(condition, Limit), $"It never came about: {what}.");

    /// <summary>Waits for a signal.</summary>
    public static void Await(string what, WaitHandle signal) => Assert.True(signal.WaitOne(Limit), $"It never came about: {what}.");

    /// <summary>Waits for the end; throws what the work threw.</summary>
    public void Join()
    {
        Assert.True(_thread.Join(Limit), $"'{_what}' never ended.");
        if (_failure is not null) throw new AggregateException($"'{_what}' failed: {_failure.Message}", _failure);
    }

    /// <summary>Waits for the end and gives what the work threw.</summary>
    public Exception? JoinFailure()
    {
        Assert.True(_thread.Join(Limit), $"'{_what}' never ended.");
        return _failure;
    }
}

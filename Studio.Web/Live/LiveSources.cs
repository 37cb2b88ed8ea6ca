using Studio.Core.Telemetry;

namespace Studio.Web.Live;

/// <summary>Sources of signals in the form that <see cref="LiveRefresh.Watch"/> takes.</summary>
public static class LiveSources
{
    /// <summary>Changes of one owner, at most once per interval.</summary>
    public static Func<Action, IDisposable> Of(ChangeSignal changes, string owner, TimeSpan interval) => signal => changes.Subscribe(owner, () => Call(signal), interval);

    /// <summary>Changes of anybody, at most once per interval.</summary>
    public static Func<Action, IDisposable> OfAll(ChangeSignal changes, TimeSpan interval) => signal => changes.SubscribeToAll(() => Call(signal), interval);

    /// <summary>A clock, for figures that nobody signals.</summary>
    public static Func<Action, IDisposable> Every(TimeProvider time, TimeSpan interval) => signal => time.CreateTimer(_ => signal(), null, interval, interval);

    /// <summary>An event without data.</summary>
    public static Func<Action, IDisposable> Event(Action<Action> add, Action<Action> remove) => signal =>
    {
        add(signal);
        return new Subscription(() => remove(signal));
    };

    /// <summary>An event that names an owner.</summary>
    public static Func<Action, IDisposable> Event(Action<Action<string>> add, Action<Action<string>> remove) => signal =>
    {
        void Handle(string owner) => signal();
        add(Handle);
        return new Subscription(() => remove(Handle));
    };

    private static Task Call(Action signal)
    {
        signal();
        return Task.CompletedTask;
    }

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}

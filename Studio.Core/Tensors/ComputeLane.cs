using System.Collections.Concurrent;
using TorchSharp;

namespace Studio.Core.Tensors;

/// <summary>
/// A named thread on which torch code runs synchronously while callers await it. Dispose scopes, no_grad and the number of intra-op
/// threads are all per thread in TorchSharp; keeping a whole step on one thread is what makes them safe.
/// </summary>
public sealed class ComputeLane : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;
    private int _threads;
    private int _disposed;

    /// <summary>Starts the lane's thread.</summary>
    public ComputeLane(string name)
    {
        _thread = new Thread(Loop) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>The thread's name.</summary>
    public string Name => _thread.Name!;

    /// <summary>Whether the calling code runs on this lane.</summary>
    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>Runs <paramref name="work"/> on the lane with the given number of intra-op threads.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before the work began. Work that runs is never abandoned: it must watch its own token.</exception>
    public Task<T> RunAsync<T>(Func<T> work, int intraOpThreads = 0, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        // Continuations leave the lane: code after an await must not run torch on somebody else's thread.
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            if (ct.IsCancellationRequested)
            {
                done.SetCanceled(ct);
                return;
            }
            try
            {
                SetIntraOpThreads(intraOpThreads);
                done.SetResult(work());
            }
            catch (OperationCanceledException cancelled) when (cancelled.CancellationToken.IsCancellationRequested)
            {
                done.SetCanceled(cancelled.CancellationToken);
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
        }, CancellationToken.None);
        return done.Task;
    }

    /// <summary>Ends the thread after the work already queued.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1) return;
        _work.CompleteAdding();
        // Disposed by its own work: the thread still reads the queue, and ends when that is empty.
        if (IsCurrent) return;
        _thread.Join();
        _work.Dispose();
    }

    private void SetIntraOpThreads(int count)
    {
        if (count <= 0 || count == _threads) return;
        torch.set_num_threads(count);
        _threads = count;
    }

    private void Loop()
    {
        SignalStack.Ensure();
        foreach (var work in _work.GetConsumingEnumerable()) work();
    }
}

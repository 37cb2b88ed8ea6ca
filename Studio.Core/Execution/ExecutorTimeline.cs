using Studio.Core.Models;

namespace Studio.Core.Execution;

/// <summary>One product of an executor.</summary>
/// <param name="Start">Beginning, a <see cref="System.Diagnostics.Stopwatch"/> time stamp.</param>
/// <param name="End">End, likewise.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Direction">Which way.</param>
/// <param name="Rows">Rows of all its requests.</param>
/// <param name="Clients">Names of the clients whose requests it answered.</param>
public readonly record struct ExecutorSpan(long Start, long End, LayerId Layer, CallDirection Direction, int Rows, IReadOnlyList<string> Clients);

/// <summary>The last products of an executor, bounded. Thread-safe.</summary>
/// <param name="capacity">Products kept.</param>
public sealed class ExecutorTimeline(int capacity = ExecutorTimeline.DefaultCapacity)
{
    /// <summary>Ten seconds of some 1,600 products a second.</summary>
    public const int DefaultCapacity = 1 << 14;

    private readonly Lock _gate = new();
    private ExecutorSpan[] _ring = [];
    private long _count;

    /// <summary>The products that ended after a time stamp, in the order of their ends; the oldest may be lost where there were more than are kept.</summary>
    public IReadOnlyList<ExecutorSpan> Since(long timestamp)
    {
        lock (_gate)
        {
            long first = _count;
            while (first > Math.Max(0, _count - _ring.Length) && _ring[(first - 1) % _ring.Length].End > timestamp) first--;
            var spans = new ExecutorSpan[_count - first];
            for (long i = first; i < _count; i++) spans[i - first] = _ring[i % _ring.Length];
            return spans;
        }
    }

    internal void Add(in ExecutorSpan span)
    {
        lock (_gate)
        {
            if (_ring.Length == 0) _ring = new ExecutorSpan[capacity];
            _ring[_count++ % _ring.Length] = span;
        }
    }
}

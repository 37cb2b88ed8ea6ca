using System.Diagnostics;
using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>One attached client's door to the executor. Used by one thread at a time.</summary>
internal sealed class ExecutorClient(BaseExecutor executor, ClientOptions options) : IBaseLayers, IBaseWeights
{
    private long _calls;
    private long _rows;
    private long _heldTicks;
    private long _matesTicks;
    private long _shared;
    private volatile Pass? _pass;

    public ClientOptions Options => options;

    /// <summary>The pass under way, or null.</summary>
    public Pass? CurrentPass => _pass;

    public ClientCounters Counters => new(options.Name, Volatile.Read(ref _calls), Volatile.Read(ref _rows),
        Seconds(Volatile.Read(ref _heldTicks) + Volatile.Read(ref _matesTicks)), _pass is not null)
    {
        HeldOff = Seconds(Volatile.Read(ref _heldTicks)),
        SharedCalls = Volatile.Read(ref _shared),
        Interactive = BaseExecutor.IsInteractive(options.Phase),
    };

    /// <summary>Its account at the executor's <see cref="FairClock"/>. Written by whoever serves it, in the room where it waits.</summary>
    public double Account { get; set; }

    /// <summary>Its name as the list of a product that is its own.</summary>
    public IReadOnlyList<string> NameAlone { get; } = [options.Name];

    public LayerDescription Describe(LayerId layer) => executor.Layers.Describe(layer);

    public Tensor Forward(LayerId layer, Tensor x, RowGroups? rowGroups = null, CancellationToken ct = default) =>
        Call(layer, CallDirection.Forward, x, rowGroups, ct);

    public Tensor Backward(LayerId layer, Tensor dy, RowGroups? rowGroups = null, CancellationToken ct = default) =>
        Call(layer, CallDirection.Backward, dy, rowGroups, ct);

    public IDisposable BeginPass(PassKind kind, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        if (_pass is not null) throw new InvalidOperationException($"Client '{options.Name}' already has a pass under way.");
        var pass = new Pass(this, kind);
        _pass = pass;
        executor.PassBegan(kind);
        return pass;
    }

    public Tensor RowNorms(LayerId layer) => executor.Weights.RowNorms(layer);

    public Tensor Rows(LayerId layer, Tensor ids) => executor.Weights.Rows(layer, ids);

    public Tensor Weight(LayerId layer) => executor.Weights.Weight(layer);

    public Tensor? Bias(LayerId layer) => executor.Weights.Bias(layer);

    public void Dispose()
    {
        _pass?.Dispose();
        executor.Detach(this);
    }

    /// <summary>Adds time in which interactive passes held a call off.</summary>
    public void AddHeldOff(long ticks) => Interlocked.Add(ref _heldTicks, ticks);

    /// <summary>Adds time that a call spent waiting for batch-mates, or behind them.</summary>
    public void AddWait(long ticks) => Interlocked.Add(ref _matesTicks, ticks);

    /// <summary>Counts a call that shared a product.</summary>
    public void CountShared() => Interlocked.Increment(ref _shared);

    private Tensor Call(LayerId layer, CallDirection direction, Tensor rows, RowGroups? groups, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        BaseCallCheck.Require(executor.Layers.Describe(layer), direction, rows, executor.Layers, casts: true);
        _pass?.Approach(layer, direction);
        Interlocked.Increment(ref _calls);
        Interlocked.Add(ref _rows, rows.size(0));
        using var grad = no_grad();
        var type = options.Type ?? executor.Layers.ComputeType;
        if (rows.dtype == executor.Layers.ComputeType || layer == LayerId.Embedding)
        {
            var own = executor.Run(new BaseRequest(this, rows, groups), layer, direction, ct);
            return Cast(own, type);
        }
        using var cast = rows.to(executor.Layers.ComputeType);
        return Cast(executor.Run(new BaseRequest(this, cast, groups), layer, direction, ct), rows.dtype);
    }

    private static TimeSpan Seconds(long ticks) => TimeSpan.FromSeconds((double)ticks / Stopwatch.Frequency);

    private static Tensor Cast(Tensor result, ScalarType type)
    {
        // A batch-mate may have made it: only here does it become part of the caller's scope.
        if (result.dtype == type)
        {
            CurrentDisposeScope?.Attach(result);
            return result;
        }
        using (result) return result.to(type);
    }

    /// <summary>A pass over the layers and how far it has come.</summary>
    public sealed class Pass(ExecutorClient client, PassKind kind) : IDisposable
    {
        // Twice the place of the farthest layer reached, less one while the pass only comes near it; -1 = before the first layer. Forward counts
        // up, backward counts on from the far end. A part of the forward that a backward runs again brings nobody back to where he was.
        private long _position = -1;
        private int _ended;
        private bool _late;

        public PassKind Kind => kind;

        /// <summary>Everything before a layer is behind the pass; the layer itself is still to come.</summary>
        public void Approach(LayerId layer, CallDirection direction)
        {
            long position = 2L * client.Executor.Position(layer, direction) - 1;
            if (position <= Volatile.Read(ref _position)) return;
            Volatile.Write(ref _position, position);
            client.Executor.ClientMoved();
        }

        /// <summary>The pass has reached the layer that it approached: it waits in its room, or computes without waiting.</summary>
        public void Arrive()
        {
            long position = Volatile.Read(ref _position);
            if ((position & 1) != 0) Volatile.Write(ref _position, position + 1);
            IsLate = false;
        }

        /// <summary>Whether mates have waited for it in vain since it last arrived anywhere: they do not wait for it again before it does.</summary>
        public bool IsLate
        {
            get => Volatile.Read(ref _late);
            set => Volatile.Write(ref _late, value);
        }

        /// <summary>Whether this pass will still come by a layer in a direction.</summary>
        public bool WillVisit(LayerId layer, CallDirection direction) =>
            (direction == CallDirection.Forward || kind == PassKind.Training)
            && Volatile.Read(ref _position) < 2L * client.Executor.Position(layer, direction);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 1) return;
            client._pass = null;
            client.Executor.PassEnded(kind);
        }
    }

    private BaseExecutor Executor => executor;
}

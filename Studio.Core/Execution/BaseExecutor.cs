using System.Collections.Concurrent;
using System.Diagnostics;
using Studio.Core.Models;
using Studio.Core.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>
/// The in-process base service. Clients attach and get their own <see cref="IBaseLayers"/>; calls run in the callers' threads, shared where
/// the batching policy brings clients together. Keeps nothing between a forward and its backward and cannot be handed an adapter.
/// </summary>
public sealed class BaseExecutor : IDisposable
{
    // Before anything is measured.
    private const int CpuRidge = 48;
    private const int GpuRidge = 256;

    private const int PeakRows = 512;
    private const int PeakRounds = 3;

    private readonly ConcurrentDictionary<(LayerId, CallDirection), WaitingRoom> _rooms = new();
    private readonly ExecutorOptions _options;
    private readonly Dictionary<LayerId, int> _order;
    private readonly PassGate _gate;
    private readonly CostModel _costs;
    private readonly FairClock _fair = new();
    private readonly Lock _attach = new();
    private ExecutorClient[] _clients = [];
    private readonly ExecutorMeter _meter = new();
    private double _measuredPeak;

    /// <summary>Serves the given layers, which it does not own.</summary>
    /// <param name="layers">The frozen layers.</param>
    /// <param name="order">All base calls in forward order (<see cref="DecoderConfig.BaseCalls"/>).</param>
    /// <param name="options">Settings.</param>
    public BaseExecutor(FrozenLayers layers, IEnumerable<LayerId> order, ExecutorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(layers);
        Layers = layers;
        Weights = new DirectBaseLayers(layers);
        _options = options ?? new ExecutorOptions();
        Policy = _options.Policy;
        _gate = new PassGate(_options.TrainingShare);
        _costs = new CostModel(layers.Device.type == DeviceType.CPU ? CpuRidge : GpuRidge);
        _order = order.Select((layer, position) => (layer, position)).ToDictionary();
    }

    /// <summary>The batching policy in force; a change acts on the next call.</summary>
    public BatchingPolicy Policy { get; set; }

    /// <summary>What it has done so far.</summary>
    public ExecutorCounters Counters => _meter.Read([.. _clients.Select(client => client.Counters)]);

    /// <summary>
    /// The most floating-point operations a second that the machine has reached on this base's own products: at <see cref="MeasurePeak"/>, or since, because
    /// a machine that was busy then shows only later what it can do (on a CPU; a GPU computes behind its caller's back). 0 before either.
    /// </summary>
    public double PeakOperations => Layers.Device.type == DeviceType.CPU ? Math.Max(_measuredPeak, _meter.BestOperations) : _measuredPeak;

    /// <summary>Its last products.</summary>
    public ExecutorTimeline Timeline => _meter.Timeline;

    /// <summary>Leaders that wait for mates now.</summary>
    public int WaitingLeaders => _rooms.Values.Count(room => room.LeaderWaits);

    internal FrozenLayers Layers { get; }

    internal DirectBaseLayers Weights { get; }

    /// <summary>Attaches a client; disposing the result detaches it.</summary>
    /// <exception cref="ArgumentException">A share that is not positive.</exception>
    public IBaseLayers Attach(ClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!(options.Share > 0)) throw new ArgumentException($"The share of client '{options.Name}' is {options.Share}; expected more than 0.", nameof(options));
        var client = new ExecutorClient(this, PlacedBaseLayers.AtTheBase(options, Layers));
        lock (_attach) _clients = [.. _clients, client];
        return PlacedBaseLayers.Between(client, options, Layers);
    }

    /// <summary>Measures <see cref="PeakOperations"/> on the first block's products, with the calling thread's intra-op threads: some hundredths of a second for a small model.</summary>
    public void MeasurePeak()
    {
        // Experts need rows sorted for them; the rest of the block says as much.
        int first = _order.Keys.Where(layer => layer.Block >= 0).Select(layer => layer.Block).DefaultIfEmpty(LayerId.OutsideBlocks).Min();
        var calls = _order.Keys.Where(layer => layer.Block == first && layer.Projection is BaseProjection.QueryKeyValue or BaseProjection.AttentionOutput);
        _measuredPeak = ProductPeak.Measure(Layers, calls, PeakRows, PeakRounds);
    }

    /// <summary>Nothing of its own to free: layers belong to the base model, requests to their clients.</summary>
    public void Dispose() => Weights.Dispose();

    internal void Detach(ExecutorClient client)
    {
        lock (_attach) _clients = [.. _clients.Where(other => other != client)];
        ReleaseLeaders();
    }

    internal void PassBegan(PassKind kind)
    {
        if (!IsInteractive(kind)) return;
        _gate.EnterInteractive();
        // Training mates are held off from here on: nobody waits for them.
        ReleaseLeaders();
    }

    internal void PassEnded(PassKind kind)
    {
        if (IsInteractive(kind)) _gate.LeaveInteractive();
        ReleaseLeaders();
    }

    /// <summary>A client has reached another layer: leaders that waited for it below look again.</summary>
    internal void ClientMoved()
    {
        Interlocked.MemoryBarrier();
        foreach (var (_, room) in _rooms) room.PulseLeader();
    }

    /// <summary>Place of a call in a step: forward 0..n-1, backward n.. in reverse order. Parts take the place of their fused call.</summary>
    internal int Position(LayerId layer, CallDirection direction)
    {
        int forward = _order.TryGetValue(layer, out int exact) ? exact : _order.GetValueOrDefault(FusedOf(layer), -1);
        return direction == CallDirection.Forward ? forward : 2 * _order.Count - 1 - forward;
    }

    internal Tensor Run(BaseRequest request, LayerId layer, CallDirection direction, CancellationToken ct)
    {
        long start = Stopwatch.GetTimestamp();
        var kind = request.Client.CurrentPass?.Kind ?? request.Client.Options.Phase;
        bool interactive = IsInteractive(kind);
        long reserved = interactive ? 0 : _gate.WaitForTraining(ct);
        long began = Stopwatch.GetTimestamp();
        request.Client.AddHeldOff(began - start);
        try
        {
            var policy = Policy;
            if (policy == BatchingPolicy.None || _clients.Length < 2 || request.RowCount >= RidgeRows(layer, direction))
            {
                if (request.Client.CurrentPass is { } pass)
                {
                    pass.Arrive();
                    ClientMoved();
                }
                return Compute(layer, direction, [request])[0];
            }
            var room = _rooms.GetOrAdd((layer, direction), key => new WaitingRoom(_options.MaximumBatchRows, _fair, batch => Compute(key.Item1, key.Item2, batch)));
            var patience = request.Client.Options.Goal == PerformanceGoal.Latency ? TimeSpan.Zero
                : policy == BatchingPolicy.Lockstep ? _options.LockstepWait : _costs.Patience(layer, direction, _options.OpportunisticWait);
            return room.Submit(request, patience, present => MatesExpected(present, layer, direction), ct);
        }
        finally
        {
            if (!interactive) _gate.Pay(reserved, Stopwatch.GetTimestamp() - began);
        }
    }

    private int RidgeRows(LayerId layer, CallDirection direction) => _options.RidgeRows > 0 ? _options.RidgeRows : _costs.RidgeRows(layer, direction);

    internal static bool IsInteractive(PassKind kind) => kind is PassKind.Decode or PassKind.Prefill;

    private static LayerId FusedOf(LayerId part) => part.Projection switch
    {
        BaseProjection.Query or BaseProjection.Key or BaseProjection.Value => part with { Projection = BaseProjection.QueryKeyValue, Expert = LayerId.NoExpert },
        BaseProjection.Gate or BaseProjection.Up => part with { Projection = BaseProjection.GateUp, Expert = LayerId.NoExpert },
        BaseProjection.SharedGate or BaseProjection.SharedUp => part with { Projection = BaseProjection.SharedGateUp },
        _ => part with { Expert = LayerId.NoExpert },
    };

    // The passes that will still come by a layer, and for whom waiting can pay: not for those held off, nor for those that were waited for in vain.
    private IEnumerable<ExecutorClient.Pass> MatesExpected(IReadOnlyList<BaseRequest> present, LayerId layer, CallDirection direction)
    {
        bool trainingHeld = _gate.IsHeld;
        foreach (var client in _clients)
        {
            if (client.CurrentPass is not { IsLate: false } pass || (trainingHeld && !IsInteractive(pass.Kind))) continue;
            if (pass.WillVisit(layer, direction) && !present.Any(request => request.Client == client)) yield return pass;
        }
    }

    private Tensor[] Compute(LayerId layer, CallDirection direction, IReadOnlyList<BaseRequest> batch)
    {
        long start = Stopwatch.GetTimestamp();
        var results = batch.Count == 1 ? [Product(layer, direction, batch[0].Rows, batch[0].Groups, decodes: batch[0].Client.CurrentPass?.Kind == PassKind.Decode)] : ComputeTogether(layer, direction, batch);
        long end = Stopwatch.GetTimestamp();
        int rows = batch.Sum(request => request.RowCount);
        _meter.Add(start, end, Layers.Describe(layer), direction, batch, rows);
        if (batch[0].Groups is null) _costs.Add(layer, direction, rows, Stopwatch.GetElapsedTime(start, end).TotalSeconds);
        return results;
    }

    private Tensor[] ComputeTogether(LayerId layer, CallDirection direction, IReadOnlyList<BaseRequest> batch)
    {
        // Who waits for the product lends its threads to it.
        using var threads = IntraOpThreads.Use(batch.Sum(request => request.Threads));
        using var rows = cat([.. batch.Select(request => request.Rows)], 0);
        using var together = Product(layer, direction, rows, null, decodes: false);
        var results = new Tensor[batch.Count];
        long start = 0;
        for (int i = 0; i < results.Length; start += batch[i++].RowCount)
        {
            using var view = together.narrow(0, start, batch[i].RowCount);
            results[i] = view.clone().DetachFromDisposeScope();
        }
        return results;
    }

    private Tensor Product(LayerId layer, CallDirection direction, Tensor rows, RowGroups? groups, bool decodes) =>
        (direction == CallDirection.Forward ? Layers.Forward(layer, rows, groups, decodes) : Layers.Backward(layer, rows, groups)).DetachFromDisposeScope();

    private void ReleaseLeaders()
    {
        foreach (var room in _rooms.Values) room.Pulse();
    }
}

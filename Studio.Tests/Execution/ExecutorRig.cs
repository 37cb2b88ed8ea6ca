using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Execution;

/// <summary>An executor over a tiny model whose products can be watched. Waits for batch-mates are so long that only a release ends them.</summary>
internal sealed class ExecutorRig : IDisposable
{
    /// <summary>The layer that most tests call: the last one of the first block, so that passes can stand before and behind it.</summary>
    public static readonly LayerId Layer = new(0, BaseProjection.Down);

    /// <summary>A layer behind <see cref="Layer"/> in the forward.</summary>
    public static readonly LayerId Later = new(1, BaseProjection.Down);

    /// <summary>A layer that one call computes from three parts.</summary>
    public static readonly LayerId Fused = new(0, BaseProjection.QueryKeyValue);

    private readonly FrozenLayers _layers;

    public ExecutorRig(BatchingPolicy policy, ExecutorOptions? options = null, TimeSpan? patience = null)
    {
        Model = new TinyModel(bias: true);
        var weights = Model.Config.BaseCalls().SelectMany(call => Model.Config.Describe(call).Parts).Select(part => part.Layer)
            .ToDictionary(layer => layer, layer => (FrozenWeight)new TestWeight(Model.Layers.Weight(layer), (way, rows) => OnProduct?.Invoke(layer, way, rows)));
        _layers = new FrozenLayers(weights, Model.Config.Describe, ScalarType.Float32, CPU);
        var wait = patience ?? TimeSpan.FromHours(1);
        Executor = new BaseExecutor(_layers, Model.Config.BaseCalls(),
            (options ?? new ExecutorOptions()) with { Policy = policy, LockstepWait = wait, OpportunisticWait = wait });
    }

    public TinyModel Model { get; }

    public BaseExecutor Executor { get; }

    /// <summary>Called in the computing thread before each product.</summary>
    public Action<LayerId, CallDirection, Tensor>? OnProduct { get; set; }

    public IBaseLayers Attach(string name, PerformanceGoal goal = PerformanceGoal.Throughput, ScalarType? type = null) =>
        Executor.Attach(new ClientOptions { Name = name, Goal = goal, Type = type });

    /// <summary>Calls that a client has begun.</summary>
    public long Calls(string name) => Executor.Counters.Clients.Single(client => client.Name == name).Calls;

    /// <summary>Random rows for a layer.</summary>
    public Tensor Rows(int count, ulong seed, LayerId? layer = null, CallDirection direction = CallDirection.Forward)
    {
        var shape = Model.Config.Describe(layer ?? Layer);
        using var random = new Generator(seed);
        return randn([count, direction == CallDirection.Forward ? shape.InputFeatures : shape.OutputFeatures], generator: random);
    }

    /// <summary>The answer of the layers without a service.</summary>
    public Tensor Alone(LayerId layer, CallDirection direction, Tensor rows) =>
        direction == CallDirection.Forward ? Model.Direct.Forward(layer, rows) : Model.Direct.Backward(layer, rows);

    public void Dispose()
    {
        Executor.Dispose();
        _layers.Dispose();
        Model.Dispose();
    }
}

/// <summary>One call in either direction.</summary>
internal static class BaseLayersExtensions
{
    public static Tensor Call(this IBaseLayers layers, LayerId layer, CallDirection direction, Tensor rows, CancellationToken ct = default) =>
        direction == CallDirection.Forward ? layers.Forward(layer, rows, ct: ct) : layers.Backward(layer, rows, ct: ct);
}

using System.Diagnostics.CodeAnalysis;
using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Tests.Support;

/// <summary>A model that tests train adapters on, over the split tape and in one uncut graph of the very same weights.</summary>
internal abstract class TestModel : IDisposable
{
    private IReadOnlyDictionary<LayerId, LinearWeights> _weights = new Dictionary<LayerId, LinearWeights>();
    private DecoderModel? _model;
    private FrozenLayers? _layers;

    public DecoderModel Model => _model!;

    public FrozenLayers Layers => _layers!;

    public DecoderConfig Config => Model.Config;

    public ModuleMap Modules => Model.Modules;

    /// <summary>Base layers without a service.</summary>
    public DirectBaseLayers Direct => new(Layers);

    /// <summary>Where adapters are built.</summary>
    public AdapterSite Site => SiteOf(ScalarType.Float32);

    /// <summary>Where adapters with values of a type are built.</summary>
    public AdapterSite SiteOf(ScalarType type) =>
        new() { Modules = Modules, Norms = Model.Norms, Base = Direct, ComputeType = Layers.ComputeType, Device = CPU, Type = type };

    /// <summary>The very same weights for an uncut graph.</summary>
    public LinearWeights Weights(LayerId layer) => _weights[layer];

    public BaseExecutor Executor(BatchingPolicy policy, ExecutorOptions? options = null) =>
        new(Layers, Config.BaseCalls(), (options ?? new ExecutorOptions()) with { Policy = policy });

    public void Dispose()
    {
        Release();
        Model.Dispose();
        Layers.Dispose();
    }

    /// <summary>Takes ownership of the parts; the weights stay with the layers, or with whoever frees them in <see cref="Release"/>.</summary>
    [MemberNotNull(nameof(_model), nameof(_layers))]
    protected void Take(DecoderModel model, FrozenLayers layers, IReadOnlyDictionary<LayerId, LinearWeights> weights)
    {
        _model = model;
        _layers = layers;
        _weights = weights;
    }

    /// <summary>Frees what a derived model holds beside.</summary>
    protected virtual void Release()
    {
    }
}

using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Core.Adapters;

/// <summary>
/// What an adapter is built onto: names and shapes of a model, its norms (they are the client's), and a door to its base layers, where a method
/// may look at weights if the base lets it.
/// </summary>
public sealed class AdapterSite
{
    /// <summary>Names and shapes.</summary>
    public required ModuleMap Modules { get; init; }

    /// <summary>The frozen norms.</summary>
    public required IReadOnlyDictionary<NormId, Norm> Norms { get; init; }

    /// <summary>The base's layers. Not disposed by adapters.</summary>
    public required IBaseLayers Base { get; init; }

    /// <summary>Type in which the base computes.</summary>
    public required ScalarType ComputeType { get; init; }

    /// <summary>Where adapter values live.</summary>
    public required Device Device { get; init; }

    /// <summary>Type of adapter values: fp32; fp64 for comparisons with finite differences.</summary>
    public ScalarType Type { get; init; } = ScalarType.Float32;

    /// <summary>Gives paths of files for the values and moments of adapters; null = they lie in memory. See <see cref="Tensors.FlatParameters"/>.</summary>
    public Func<string>? StateFiles { get; init; }

    /// <summary>Base weights, for the methods that need them.</summary>
    /// <param name="reason">What needs them, for the refusal, for example <c>DoRA needs the row norms of its target modules</c>.</param>
    /// <exception cref="NotSupportedException">The base does not show its weights.</exception>
    public IBaseWeights Weights(string reason) =>
        Base as IBaseWeights ?? throw new NotSupportedException($"{reason}, and this base does not show its weights.");

    /// <summary>rows W^T of a module without its bias: [n, in] to [n, out], through the base, in the adapter's type. Not differentiable.</summary>
    public Tensor Multiply(ModuleTarget module, Tensor rows)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(rows);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var y = Base.Forward(module.Layer, rows.detach().to(ComputeType)).to(Type);
        return (Bias(module) is { } bias ? y - bias : y).MoveToOuterDisposeScope();
    }

    /// <summary>The bias of a module as the base adds it, [out], in the adapter's type, or null where it has none; also from a base that does not show its weights.</summary>
    public Tensor? Bias(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        if (!Base.Describe(module.Layer).HasBias) return null;
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var zero = zeros([1, module.InputFeatures], dtype: ComputeType, device: Device); // the base adds its bias to every row; a row of zeros shows it
        return Base.Forward(module.Layer, zero).squeeze(0).to(Type, copy: true).MoveToOuterDisposeScope();
    }
}

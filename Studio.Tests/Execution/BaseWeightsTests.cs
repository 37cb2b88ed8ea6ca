using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Execution;

/// <summary>Looking at weights, through the service and without it: copies of the very weights that the products use.</summary>
public sealed class BaseWeightsTests : TensorTest
{
    private static readonly LayerId Query = new(1, BaseProjection.Query);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Weights_OfABase_AreThoseOfTheModel(bool direct)
    {
        using var scope = NewDisposeScope();
        using var rig = new ExecutorRig(BatchingPolicy.None);
        using IBaseLayers client = direct ? rig.Model.Direct : rig.Attach("a");
        var weights = Assert.IsAssignableFrom<IBaseWeights>(client);
        var (weight, bias) = rig.Model.Weights(Query);
        Assert.Equal(weight.ToFloatArray(), weights.Weight(Query).ToFloatArray());
        Assert.Equal(bias!.ToFloatArray(), weights.Bias(Query)!.ToFloatArray());
        Assert.Null(weights.Bias(LayerId.Head));
        float[] row = weight.ToFloatArray()[..24];
        Assert.Equal(Math.Sqrt(row.Sum(value => (double)value * value)), weights.RowNorms(Query).ToFloatArray()[0], 1e-5);
        Assert.Equal(weight.ToFloatArray()[48..72], weights.Rows(Query, tensor(new long[] { 2 })).ToFloatArray());
        // A call with rows of the identity reads the weight back: product and view are of the same weight.
        var product = client.Forward(Query, eye(24));
        Assert.True((product - weights.Bias(Query)!).t().allclose(weights.Weight(Query), 1e-5, 1e-6));
    }

    [Fact]
    public void Weights_FusedLayer_AreRefusedByName()
    {
        using var model = new TinyModel();
        var refusal = Assert.Throws<ArgumentException>(() => model.Direct.Weight(ExecutorRig.Fused));
        Assert.Contains("no single weight for 'block 0 QueryKeyValue'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_OfABFloat16Base_AreFloat32Copies()
    {
        using var scope = NewDisposeScope();
        using var model = new TinyModel(ScalarType.BFloat16);
        foreach (var copy in new[] { model.Direct.Weight(Query), model.Direct.Rows(Query, tensor(new long[] { 1 })), model.Direct.RowNorms(Query) })
            Assert.Equal(ScalarType.Float32, copy.dtype);
        Assert.Equal(model.Weights(Query).Weight.ToFloatArray(), model.Direct.Weight(Query).ToFloatArray());
    }

    [Theory]
    [InlineData(5)]
    [InlineData(40)]
    public void Forward_FusedLayer_IsItsPartsSideBySide(int rows)
    {
        using var scope = NewDisposeScope();
        using var rig = new ExecutorRig(BatchingPolicy.None);
        using var random = new Generator(2);
        var x = randn([rows, 24], generator: random);
        var parts = new[] { BaseProjection.Query, BaseProjection.Key, BaseProjection.Value }.Select(part => rig.Model.Direct.Forward(new LayerId(0, part), x)).ToList();
        Assert.True(rig.Model.Direct.Forward(ExecutorRig.Fused, x).allclose(cat(parts, 1), 1e-5, 1e-6));

        var dy = randn([rows, 48], generator: random);
        var pieces = dy.split([24, 12, 12], 1);
        var sum = rig.Model.Direct.Backward(new LayerId(0, BaseProjection.Query), pieces[0])
            + rig.Model.Direct.Backward(new LayerId(0, BaseProjection.Key), pieces[1])
            + rig.Model.Direct.Backward(new LayerId(0, BaseProjection.Value), pieces[2]);
        Assert.True(rig.Model.Direct.Backward(ExecutorRig.Fused, dy).allclose(sum, 1e-4, 1e-5));
    }
}

using Studio.Core.Tensors.Kernels;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Tensors.Kernels;

public sealed class LowRankRowsTests : TensorTest
{
    [Theory]
    [InlineData(ScalarType.Float32, 1, 7, 5, 3)]
    [InlineData(ScalarType.Float32, 8, 640, 96, 8)]
    [InlineData(ScalarType.BFloat16, 1, 33, 17, 1)]
    [InlineData(ScalarType.BFloat16, 3, 640, 96, 20)]
    public void Add_EqualsTheFormulaAndLeavesOtherColumns(ScalarType type, int rows, int inputs, int outputs, int rank)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var (x, y) = (randn(rows, inputs, generator: random).to(type), randn(rows, outputs + 9, generator: random).to(type));
        var (a, b) = (randn(rank, inputs, generator: random) * 0.1, randn(outputs, rank, generator: random) * 0.1);
        var expected = y.to(ScalarType.Float64);
        expected.narrow(1, 4, outputs).add_(x.to(ScalarType.Float64).matmul(a.to(ScalarType.Float64).t()).matmul(b.to(ScalarType.Float64).t()), 1.5);
        Assert.True(LowRankRows.Suits(x, y, a, b));

        LowRankRows.Add(x, y, offset: 4, a, b, scale: 1.5);

        double tolerance = type == ScalarType.BFloat16 ? 1.0 / 128 : 1e-5;
        var difference = (y.to(ScalarType.Float64) - expected).abs();
        Assert.True((difference <= tolerance * (expected.abs() + 1)).all().item<bool>(), $"The largest difference is {difference.max().item<double>()}.");
    }

    [Fact]
    public void Suits_ManyRowsOrOtherTypes_Not()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (zeros(2, 4), zeros(6, 2));
        Assert.False(LowRankRows.Suits(zeros(LowRankRows.MostRows + 1, 4), zeros(LowRankRows.MostRows + 1, 6), a, b));
        Assert.False(LowRankRows.Suits(zeros(1, 4, dtype: ScalarType.Float64), zeros(1, 6, dtype: ScalarType.Float64), a, b));
        Assert.False(LowRankRows.Suits(zeros(1, 4), zeros(1, 6), a.to(ScalarType.Float64), b.to(ScalarType.Float64)));
        Assert.False(LowRankRows.Suits(zeros(4, 1).t(), zeros(6, 3).t(), a, b));
    }
}

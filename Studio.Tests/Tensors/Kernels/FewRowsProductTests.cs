using Studio.Core.Tensors;
using Studio.Core.Tensors.Kernels;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Tensors.Kernels;

/// <summary>Products of few rows against the same in fp64, for both ways of computing them.</summary>
public sealed class FewRowsProductTests : TensorTest
{
    /// <summary>Type, rows, inputs, outputs, whether there is a bias.</summary>
    public static TheoryData<ScalarType, int, int, int, bool> Shapes
    {
        get
        {
            var shapes = new TheoryData<ScalarType, int, int, int, bool>();
            foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
            {
                for (int rows = 1; rows <= 8; rows++) shapes.Add(type, rows, 128, 67, rows % 2 == 0);
                foreach (int rows in (int[])[1, 3, 7])
                {
                    shapes.Add(type, rows, 45, 5, true);
                    shapes.Add(type, rows, 7, 1, false);
                    shapes.Add(type, rows, 640, 896, true);
                }
            }
            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Run_EqualsTheProductAndLeavesOtherColumns(ScalarType type, int rows, int inputs, int outputs, bool biased)
    {
        using var scope = NewDisposeScope();
        var (x, w, bias) = Factors(type, rows, inputs, outputs, biased);
        Assert.True(FewRowsProduct.Suits(x, w));
        var wide = full(rows, outputs + 6, 9, dtype: type);

        FewRowsProduct.Run(x, w, bias, wide.narrow(1, 4, outputs));

        AssertNear(Product(x, w, bias), wide.narrow(1, 4, outputs), type);
        Assert.True((wide.narrow(1, 0, 4) == 9).all().item<bool>() && (wide.narrow(1, outputs + 4, 2) == 9).all().item<bool>());
    }

    [Fact]
    public void Run_UpToSixteenRows_WhereTheUnitIs()
    {
        using var scope = NewDisposeScope();
        for (int rows = 9; rows <= 17; rows++)
        {
            var (x, w, bias) = Factors(ScalarType.BFloat16, rows, 96, 50, true);
            Assert.Equal(MatrixUnit.Exists && rows <= 16, FewRowsProduct.Suits(x, w));
            if (!FewRowsProduct.Suits(x, w)) continue;
            var y = empty(rows, 50, dtype: ScalarType.BFloat16);
            FewRowsProduct.Run(x, w, bias, y);
            AssertNear(Product(x, w, bias), y, ScalarType.BFloat16);
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1, 4)]
    [InlineData(ScalarType.Float32, 5, 8)]
    [InlineData(ScalarType.BFloat16, 1, 4)]
    [InlineData(ScalarType.BFloat16, 5, 8)]
    public void Run_ARow_IsTheSameToTheBitInAnyCompany(ScalarType type, int from, int to)
    {
        using var scope = NewDisposeScope();
        var (x, w, bias) = Factors(type, to, 320, 77, true);
        var all = empty(to, 77, dtype: type);
        FewRowsProduct.Run(x, w, bias, all);
        for (int rows = from; rows < to; rows++)
        {
            var some = empty(rows, 77, dtype: type);
            FewRowsProduct.Run(x.narrow(0, 0, rows), w, bias, some);
            Assert.Equal(all.narrow(0, 0, rows).ToFloatArray(), some.ToFloatArray());
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1, 96, 30)]
    [InlineData(ScalarType.Float32, 6, 41, 9)]
    [InlineData(ScalarType.BFloat16, 1, 352, 130)]
    [InlineData(ScalarType.BFloat16, 4, 96, 3)]
    public void RunScaled_EqualsTheProductWithTheScaledWeights(ScalarType type, int rows, int inputs, int outputs)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(9);
        var (x, _, bias) = Factors(type, rows, inputs, outputs, biased: true);
        var w = randint(-127, 128, [outputs, inputs], generator: random).to(ScalarType.Int8);
        var scales = (rand(outputs, generator: random) * 0.01).to(type);
        var y = empty(rows, outputs, dtype: type);
        Assert.True(FewRowsProduct.SuitsScaled(x));

        FewRowsProduct.RunScaled(x, w, scales, bias, y);

        AssertNear(Product(x, w.to(ScalarType.Float64) * scales.to(ScalarType.Float64).unsqueeze(1), bias), y, type);
    }

    [Fact]
    public void Run_WhatIsNoNumber_StaysWithItsRow()
    {
        using var scope = NewDisposeScope();
        var (x, w, bias) = Factors(ScalarType.BFloat16, 6, 64, 32, true);
        x[2, 5] = float.NaN;
        var y = empty(6, 32, dtype: ScalarType.BFloat16);
        FewRowsProduct.Run(x, w, bias, y);
        var broken = y.isnan().any(1).data<bool>().ToArray();
        Assert.Equal([false, false, true, false, false, false], broken);
    }

    [Fact]
    public void Suits_ManyRowsOtherTypesAndRecordedProducts_Not()
    {
        using var scope = NewDisposeScope();
        var w = zeros(20, 32);
        Assert.False(FewRowsProduct.Suits(zeros(9, 32), w));
        Assert.False(FewRowsProduct.Suits(zeros(0, 32), w));
        Assert.False(FewRowsProduct.Suits(zeros(1, 32, dtype: ScalarType.BFloat16), w));
        Assert.False(FewRowsProduct.Suits(zeros(1, 32, dtype: ScalarType.Float64), w.to(ScalarType.Float64)));
        Assert.False(FewRowsProduct.Suits(zeros(32, 4).t(), w));
        var leaf = zeros(1, 32, requires_grad: true);
        Assert.False(FewRowsProduct.Suits(leaf, w));
        using (no_grad()) Assert.True(FewRowsProduct.Suits(leaf, w));
    }

    private static (Tensor X, Tensor W, Tensor? Bias) Factors(ScalarType type, int rows, int inputs, int outputs, bool biased)
    {
        using var random = new Generator((ulong)(rows * 1000 + inputs));
        var (x, w) = (randn(rows, inputs, generator: random).to(type), randn(outputs, inputs, generator: random).to(type));
        return (x, w, biased ? randn(outputs, generator: random).to(type) : null);
    }

    private static Tensor Product(Tensor x, Tensor w, Tensor? bias)
    {
        var y = x.to(ScalarType.Float64).matmul(w.to(ScalarType.Float64).t());
        return bias is null ? y : y + bias.to(ScalarType.Float64);
    }

    // Rounded once, at the end.
    private static void AssertNear(Tensor expected, Tensor actual, ScalarType type)
    {
        double tolerance = type == ScalarType.BFloat16 ? 1.0 / 250 : 1e-5;
        var off = (actual.to(ScalarType.Float64) - expected).abs() / (expected.abs() + Math.Sqrt(expected.square().mean().item<double>()));
        Assert.InRange(off.max().item<double>(), 0, tolerance);
    }
}

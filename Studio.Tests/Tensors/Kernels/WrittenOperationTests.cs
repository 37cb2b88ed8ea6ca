using System.Runtime.Intrinsics;
using Studio.Core.Tensors;
using Studio.Core.Tensors.Kernels;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Tensors.Kernels;

/// <summary>Operations with a written derivative, against the same formula recorded by autograd in fp64.</summary>
public sealed class WrittenOperationTests : TensorTest
{
    public static TheoryData<ScalarType, int, int> Sizes
    {
        get
        {
            var sizes = new TheoryData<ScalarType, int, int>();
            foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
                foreach (var (rows, width) in ((int, int)[])[(1, 1), (3, 7), (2, 16), (5, 37), (96, 704)])
                    sizes.Add(type, rows, width);
            return sizes;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void SwiGlu_EqualsAutograd(ScalarType type, int rows, int width) =>
        Check(new SwiGluOperation(), type, [rows, 2 * width], x =>
        {
            var parts = x.chunk(2, 1);
            return nn.functional.silu(parts[0]) * parts[1];
        });

    [Theory]
    [MemberData(nameof(Sizes))]
    public void RmsNorm_EqualsAutograd(ScalarType type, int rows, int width)
    {
        using var scope = NewDisposeScope();
        var weight = (rand(width) + 0.5).to(type);
        Check(new RmsNormOperation(weight, 1e-5), type, [rows, width], x =>
            x * (x * x).mean([-1], keepdim: true).add(1e-5).rsqrt() * weight.to(ScalarType.Float64));
    }

    [Fact]
    public void RmsNorm_OverHeads_NormalizesTheLastDimension()
    {
        using var scope = NewDisposeScope();
        var weight = rand(24) + 0.5;
        Check(new RmsNormOperation(weight, 1e-5), ScalarType.Float32, [4, 3, 24], x =>
            x * (x * x).mean([-1], keepdim: true).add(1e-5).rsqrt() * weight.to(ScalarType.Float64));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Result_OfWhatIsNotANumber_IsNone(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var x = zeros(2, 40, dtype: type);
        x[1, 3] = float.NaN;
        var y = new SwiGluOperation().Forward(x).to(ScalarType.Float32);
        Assert.True(y[1, 3].isnan().item<bool>());
        Assert.Equal(1, y.isnan().sum().item<long>());
        Assert.True(new RmsNormOperation(ones(40), 1e-5).Forward(x)[1].to(ScalarType.Float32).isnan().all().item<bool>());
    }

    [Fact]
    public void VectorExp_EqualsExp()
    {
        float[] numbers = [.. Enumerable.Range(-8800, 17_601).Select(i => i / 100f)];
        for (int i = 0; i + 16 <= numbers.Length; i++)
        {
            var powers = VectorExp.Of(Vector512.Create(numbers, i));
            double expected = Math.Exp(numbers[i]);
            Assert.InRange(powers[0], expected < 1e-37 ? 0 : expected * (1 - 2.5e-7), expected * (1 + 2.5e-7));
        }
    }

    [Fact]
    public void VectorExp_BeyondTheRange_IsZeroOrTheLargestAndOfNoNumberNone()
    {
        Assert.Equal(Vector512<float>.Zero, VectorExp.Of(Vector512.Create(-100f)));
        Assert.Equal(Vector512<float>.Zero, VectorExp.Of(Vector512.Create(float.NegativeInfinity)));
        Assert.InRange(VectorExp.Of(Vector512.Create(float.PositiveInfinity))[0], 1.6e38f, float.MaxValue);
        Assert.True(float.IsNaN(VectorExp.Of(Vector512.Create(float.NaN))[0]));
    }

    private static void Check(WrittenOperation operation, ScalarType type, long[] shape, Func<Tensor, Tensor> formula)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(11);
        var x = (randn(shape, generator: random) * 2).to(type);
        var exact = x.to(ScalarType.Float64).requires_grad_(true);
        var expected = formula(exact);
        var dy = randn(expected.shape, generator: random).to(type);
        expected.backward([dy.to(ScalarType.Float64)]);
        var gradient = exact.grad!;

        AssertClose(expected.detach(), operation.Forward(x), type);
        AssertClose(gradient, operation.Backward(x, operation.Forward(x), dy, sum: null), type);
        var sum = randn(shape, generator: random).to(type);
        var before = sum.to(ScalarType.Float64);
        var after = operation.Backward(x, operation.Forward(x), dy, sum);
        Assert.Same(sum, after);
        AssertClose(gradient + before, after, type);
    }

    private static void AssertClose(Tensor expected, Tensor actual, ScalarType type)
    {
        Assert.Equal(type, actual.dtype);
        // One rounding to the type, and fp32 inside.
        double tolerance = type == ScalarType.BFloat16 ? 1.0 / 128 : 2e-6;
        var difference = (actual.to(ScalarType.Float64) - expected).abs();
        Assert.True((difference <= tolerance * (expected.abs() + 1)).all().item<bool>(), $"The largest difference is {difference.max().item<double>()}.");
    }
}

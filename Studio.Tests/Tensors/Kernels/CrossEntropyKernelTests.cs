using Studio.Core.Tensors.Kernels;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Tensors.Kernels;

public sealed class CrossEntropyKernelTests : TensorTest
{
    [Theory]
    [InlineData(ScalarType.Float32, 3, 5)]
    [InlineData(ScalarType.Float32, 40, 3001)]
    [InlineData(ScalarType.BFloat16, 3, 5)]
    [InlineData(ScalarType.BFloat16, 40, 3001)]
    [InlineData(ScalarType.Float32, 2, 70_000)]
    public void LossAndGradient_EqualAutograd(ScalarType type, int rows, int vocabulary)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(5);
        var logits = (randn(rows, vocabulary, generator: random) * 6).to(type);
        long[] labels = [.. Enumerable.Range(0, rows).Select(row => (long)(row * 7919 + 3) % vocabulary)];
        var exact = logits.to(ScalarType.Float64).requires_grad_(true);
        var loss = nn.functional.cross_entropy(exact, tensor(labels), reduction: nn.Reduction.Sum);
        (loss * 0.25).backward();
        double expected = loss.item<double>();

        Assert.Equal(expected, CrossEntropyKernel.Loss(logits, labels), Math.Abs(expected) * 1e-6);
        Assert.Equal(expected, CrossEntropyKernel.LossAndGradient(logits, labels, 0.25), Math.Abs(expected) * 1e-6);
        var difference = (logits.to(ScalarType.Float64) - exact.grad!).abs();
        double tolerance = type == ScalarType.BFloat16 ? 1.0 / 256 : 1e-6;
        Assert.True((difference <= tolerance * exact.grad!.abs() + 1e-8).all().item<bool>(), $"The largest difference is {difference.max().item<double>()}.");
    }

    [Fact]
    public void Loss_OfExtremeLogits_IsFiniteAndOfNoNumberIsNone()
    {
        using var scope = NewDisposeScope();
        var logits = zeros(1, 50);
        logits[0, 3] = 3e38f;
        logits[0, 4] = float.NegativeInfinity;
        Assert.Equal(0, CrossEntropyKernel.Loss(logits, [3]), 1e-6);
        Assert.Equal(3e38f, CrossEntropyKernel.Loss(logits, [5]), 1e32);
        logits[0, 7] = float.NaN;
        Assert.True(double.IsNaN(CrossEntropyKernel.Loss(logits, [3])));
    }
}

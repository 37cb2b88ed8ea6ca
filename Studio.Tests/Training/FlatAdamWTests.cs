using Studio.Core.Tensors;
using Studio.Core.Training;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Training;

public sealed class FlatAdamWTests : TensorTest
{
    internal static readonly AdamWOptions Options = new() { Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6, WeightDecay = 0.1 };
    private static readonly double[] Rates = [0, 1e-2, 3e-2, 2e-2, 1e-3, 5e-2, 1e-2, 1e-2];

    [Fact]
    public void Step_OverManySteps_FollowsTheFormulaInDoubles()
    {
        using var parameters = Make();
        double[] values = Numbers(parameters.Values), first = new double[values.Length], second = new double[values.Length];
        var optimizer = new FlatAdamW(Options);
        for (int step = 1; step <= Rates.Length; step++)
        {
            double rate = Rates[step - 1];
            double[] gradients = Backpropagate(parameters, step);
            // Loshchilov and Hutter 2019, algorithm 2; decay as torch.optim.AdamW: before the update, by rate times decay.
            for (int i = 0; i < values.Length; i++)
            {
                values[i] -= rate * Options.WeightDecay * values[i];
                first[i] = (Options.Beta1 * first[i]) + ((1 - Options.Beta1) * gradients[i]);
                second[i] = (Options.Beta2 * second[i]) + ((1 - Options.Beta2) * gradients[i] * gradients[i]);
                double mean = first[i] / (1 - Math.Pow(Options.Beta1, step)), power = second[i] / (1 - Math.Pow(Options.Beta2, step));
                values[i] -= rate * mean / (Math.Sqrt(power) + Options.Epsilon);
            }
            optimizer.Step(parameters, rate);
            parameters.ReleaseGradients();
            AssertClose(values, Numbers(parameters.Values));
        }
        AssertClose(first, Numbers(parameters.FirstMoments));
        AssertClose(second, Numbers(parameters.SecondMoments));
        Assert.Equal(Rates.Length, optimizer.Steps);
    }

    [Fact]
    public void Step_MomentsAndCountTakenOver_GoesOnAsWithoutABreak()
    {
        using var whole = Make();
        using var resumed = Make();
        var optimizer = new FlatAdamW(Options);
        for (int step = 1; step <= 4; step++) Step(optimizer, whole, step);
        var before = new FlatAdamW(Options);
        for (int step = 1; step <= 2; step++) Step(before, resumed, step);
        var after = new FlatAdamW(Options) { Steps = before.Steps };
        for (int step = 3; step <= 4; step++) Step(after, resumed, step);
        Assert.Equal(Numbers(whole.Values), Numbers(resumed.Values));
    }

    [Fact]
    public void Step_WithoutGradients_IsRefused()
    {
        using var parameters = Make();
        var optimizer = new FlatAdamW(Options);
        Assert.Throws<InvalidOperationException>(() => optimizer.Step(parameters, 1e-2));
        Assert.Equal(0, optimizer.Steps);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.05)]
    public void ClipGlobalNorm_LargerNorm_ScalesAllTensorsByOneFactor(double maximum)
    {
        using var parameters = Make();
        double[] gradients = Backpropagate(parameters, 1);
        double norm = Math.Sqrt(gradients.Sum(value => value * value));
        Assert.True(norm > 1);
        Assert.Equal(norm, GradientClipping.ClipGlobalNorm(parameters, maximum), 1e-5);
        AssertClose([.. gradients.Select(value => value * maximum / (norm + 1e-6))], Numbers(parameters.Gradients));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e6)]
    [InlineData(double.PositiveInfinity)]
    public void ClipGlobalNorm_OffOrSmallerNorm_LeavesTheGradients(double maximum)
    {
        using var parameters = Make();
        double[] gradients = Backpropagate(parameters, 1);
        GradientClipping.ClipGlobalNorm(parameters, maximum);
        Assert.Equal(gradients, Numbers(parameters.Gradients));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void ClipGlobalNorm_MaximumIsNoNorm_IsRefused(double maximum)
    {
        using var parameters = Make();
        Backpropagate(parameters, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.ClipGlobalNorm(parameters, maximum));
    }

    internal static FlatParameters Make()
    {
        var parameters = new FlatParameters([new FlatEntry("a", [3, 4]), new FlatEntry("b", [5])], CPU);
        using var random = new Generator(3);
        using var grad = no_grad();
        parameters.Values.normal_(0, 1, random);
        return parameters;
    }

    private static void Step(FlatAdamW optimizer, FlatParameters parameters, int step)
    {
        Backpropagate(parameters, step);
        optimizer.Step(parameters, Rates[step]);
        parameters.ReleaseGradients();
    }

    /// <summary>Gradients of a loss that differs from step to step, of very different sizes.</summary>
    internal static double[] Backpropagate(FlatParameters parameters, int step)
    {
        using (var scope = NewDisposeScope())
        {
            using var random = new Generator((ulong)step);
            (parameters["a"] * randn([3, 4], generator: random) * 3).sum().backward();
            (parameters["b"].square() * randn([5], generator: random) * 1e-3).sum().backward();
            parameters.CollectGradients();
        }
        return Numbers(parameters.Gradients);
    }

    internal static double[] Numbers(Tensor tensor)
    {
        using var plain = tensor.detach();
        return [.. plain.ToFloatArray().Select(value => (double)value)];
    }

    internal static void AssertClose(double[] expected, double[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], found[i], 2e-6 * Math.Max(1, Math.Abs(expected[i])));
    }
}

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
    [InlineData(ScalarType.Float32, 2, 33, 40, 16)]
    [InlineData(ScalarType.BFloat16, 1, 33, 17, 1)]
    [InlineData(ScalarType.BFloat16, 3, 640, 96, 20)]
    [InlineData(ScalarType.BFloat16, 5, 896, 1000, 8)]
    public void Run_EqualsTheFormulaAndLeavesOtherColumns(ScalarType type, int rows, int inputs, int outputs, int rank)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var (x, y) = (randn(rows, inputs, generator: random).to(type), randn(rows, outputs + 9, generator: random).to(type));
        var term = Term(4, rank, inputs, outputs, 1.5, random);
        var expected = Expected(x, y, (0, rows, [term]));
        var updates = new LowRankRows(x, y);
        Assert.True(updates.TryPut([term], 0, rows));

        updates.Run();

        AssertNear(expected, y, type);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Run_SeveralAdaptersOfSeveralModules_EachRowGetsItsOwn(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(4);
        var (x, y) = (randn(7, 320, generator: random).to(type), randn(7, 512, generator: random).to(type));
        (int Start, int Count, LowRankTerm[] Terms)[] groups =
        [
            (0, 2, [Term(0, 8, 320, 256, 2, random), Term(256, 4, 320, 128, 1, random), Term(384, 8, 320, 128, 0.5, random)]),
            (3, 1, [Term(256, 16, 320, 128, 1, random)]), // row 2 belongs to nobody
            (4, 3, [Term(0, 8, 320, 512, 1, random)]),
        ];
        var expected = Expected(x, y, groups);
        var updates = new LowRankRows(x, y);
        foreach (var (start, count, terms) in groups) Assert.True(updates.TryPut(terms, start, count));

        updates.Run();

        AssertNear(expected, y, type);
    }

    [Fact]
    public void TryPut_ManyRowsOrOtherTypes_Not()
    {
        using var scope = NewDisposeScope();
        var term = new LowRankTerm(0, zeros(2, 4), zeros(6, 2), 1);
        var updates = new LowRankRows(zeros(20, 4), zeros(20, 6));
        Assert.True(updates.TryPut([term], 0, LowRankRows.MostRows));
        Assert.False(updates.TryPut([term], 0, LowRankRows.MostRows + 1));
        Assert.False(updates.TryPut([], 0, 1));
        Assert.False(updates.TryPut([term with { A = term.A.to(ScalarType.Float64), B = term.B.to(ScalarType.Float64) }], 0, 1));
        Assert.False(new LowRankRows(zeros(1, 4, dtype: ScalarType.Float64), zeros(1, 6, dtype: ScalarType.Float64)).TryPut([term], 0, 1));
        Assert.False(new LowRankRows(zeros(4, 3).t(), zeros(3, 6)).TryPut([term], 0, 1));
    }

    private static LowRankTerm Term(int offset, int rank, int inputs, int outputs, double scale, Generator random) =>
        new(offset, randn(rank, inputs, generator: random) * 0.1, randn(outputs, rank, generator: random) * 0.1, scale);

    private static Tensor Expected(Tensor x, Tensor y, params (int Start, int Count, LowRankTerm[] Terms)[] groups)
    {
        var expected = y.to(ScalarType.Float64, copy: true);
        foreach (var (start, count, terms) in groups)
            foreach (var term in terms)
            {
                var (a, b) = (term.A.to(ScalarType.Float64), term.B.to(ScalarType.Float64));
                expected.narrow(0, start, count).narrow(1, term.Offset, b.size(0)).add_(x.narrow(0, start, count).to(ScalarType.Float64).matmul(a.t()).matmul(b.t()), term.Scale);
            }
        return expected;
    }

    private static void AssertNear(Tensor expected, Tensor actual, ScalarType type)
    {
        double tolerance = type == ScalarType.BFloat16 ? 1.0 / 128 : 1e-5;
        var difference = (actual.to(ScalarType.Float64) - expected).abs();
        Assert.True((difference <= tolerance * (expected.abs() + 1)).all().item<bool>(), $"The largest difference is {difference.max().item<double>()}.");
    }
}

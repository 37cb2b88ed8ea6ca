using Studio.Core.Data;

namespace Studio.Tests.Data;

public sealed class TrainEvalSplitTests
{
    [Theory]
    [InlineData(100, 0.1, 10)]
    [InlineData(100, 0, 0)]
    [InlineData(3, 0.001, 1)]
    [InlineData(2, 0.99, 1)]
    [InlineData(1, 0.5, 0)]
    [InlineData(0, 0.5, 0)]
    public void Create_Fraction_HoldsOutSoMany(int count, double fraction, int expected)
    {
        var items = Enumerable.Range(0, count).ToArray();
        var split = TrainEvalSplit.Create(items, fraction, 7);
        Assert.Equal(expected, split.Eval.Count);
        Assert.Equal(items, split.Train.Concat(split.Eval).Order());
        Assert.Equal(split.Train.Order(), split.Train);
        Assert.Equal(split.Eval.Order(), split.Eval);
    }

    [Fact]
    public void Create_SameSeed_GivesTheSameSplitAndAnotherSeedAnother()
    {
        var items = Enumerable.Range(0, 1000).ToArray();
        Assert.Equal(TrainEvalSplit.Create(items, 0.1, 1).Eval, TrainEvalSplit.Create(items, 0.1, 1).Eval);
        Assert.NotEqual(TrainEvalSplit.Create(items, 0.1, 1).Eval, TrainEvalSplit.Create(items, 0.1, 2).Eval);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void Create_FractionOutOfRange_IsRefused(double fraction) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TrainEvalSplit.Create([1, 2], fraction, 0));
}

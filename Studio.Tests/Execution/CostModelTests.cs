using Studio.Core.Execution;
using Studio.Core.Models;

namespace Studio.Tests.Execution;

public sealed class CostModelTests
{
    private const int Usual = 48;
    private static readonly LayerId Layer = new(3, BaseProjection.Down);
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(2);

    [Fact]
    public void Of_ProductsOnALine_FindsItsFixedAndItsPerRowPart()
    {
        var model = Learned(rows => 400e-6 + 5e-6 * rows);
        var cost = Assert.NotNull(model.Of(Layer, CallDirection.Forward));
        Assert.Equal(400e-6, cost.Fixed, 1e-7);
        Assert.Equal(5e-6, cost.PerRow, 1e-9);
        Assert.Equal(80, model.RidgeRows(Layer, CallDirection.Forward));
        Assert.Equal(400e-6, model.Patience(Layer, CallDirection.Forward, Budget).TotalSeconds, 1e-6);
    }

    [Fact]
    public void Of_OtherBlockOfTheSameKind_SharesWhatWasLearned_OtherDirectionDoesNot()
    {
        var model = Learned(rows => 400e-6 + 5e-6 * rows);
        Assert.Equal(80, model.RidgeRows(Layer with { Block = 0 }, CallDirection.Forward));
        Assert.Equal(Usual, model.RidgeRows(Layer, CallDirection.Backward));
        Assert.Equal(Budget, model.Patience(Layer, CallDirection.Backward, Budget));
    }

    [Fact]
    public void Of_ProductsOfOneSize_StaysUnknown()
    {
        var model = new CostModel(Usual);
        for (int i = 0; i < 200; i++) model.Add(Layer, CallDirection.Forward, 8, 1e-3);
        Assert.Null(model.Of(Layer, CallDirection.Forward));
        Assert.Equal(Usual, model.RidgeRows(Layer, CallDirection.Forward));
    }

    [Fact]
    public void Patience_FixedPartAboveTheBudget_IsTheBudget() => Assert.Equal(Budget, Learned(rows => 10e-3 + 5e-6 * rows).Patience(Layer, CallDirection.Forward, Budget));

    [Fact]
    public void RidgeRows_FixedPartOnly_IsBounded()
    {
        Assert.Equal(1024, Learned(_ => 1e-3).RidgeRows(Layer, CallDirection.Forward));
        Assert.Equal(8, Learned(rows => 1e-6 * rows).RidgeRows(Layer, CallDirection.Forward));
    }

    [Fact]
    public void Of_MachineThatBecomesSlower_FollowsIt()
    {
        var model = Learned(rows => 400e-6 + 5e-6 * rows);
        Learn(model, rows => 1200e-6 + 15e-6 * rows, 600);
        Assert.Equal(1200e-6, Assert.NotNull(model.Of(Layer, CallDirection.Forward)).Fixed, 50e-6);
    }

    [Fact]
    public void Of_OneProductThatWasInterrupted_ChangesLittle()
    {
        var model = Learned(rows => 400e-6 + 5e-6 * rows);
        model.Add(Layer, CallDirection.Forward, 8, 3);
        Assert.InRange(Assert.NotNull(model.Of(Layer, CallDirection.Forward)).Fixed, 300e-6, 600e-6);
    }

    private static CostModel Learned(Func<int, double> seconds)
    {
        var model = new CostModel(Usual);
        Learn(model, seconds, 200);
        return model;
    }

    private static void Learn(CostModel model, Func<int, double> seconds, int products)
    {
        int[] sizes = [1, 8, 16, 64, 200, 8, 40];
        for (int i = 0; i < products; i++) model.Add(Layer, CallDirection.Forward, sizes[i % sizes.Length], seconds(sizes[i % sizes.Length]));
    }
}

using Bunit;
using Studio.Web.Components.Shared;

namespace Studio.Tests.Web.Components.Shared;

public sealed class SparklineTests : StudioTestContext
{
    [Fact]
    public void Points_Falling_GoFromTopLeftToBottomRight() => Assert.Equal("1.5,1.5 48,12 94.5,22.5", Draw(2, 1, 0));

    [Fact]
    public void Points_Constant_LieInTheMiddle() => Assert.Equal("1.5,12 94.5,12", Draw(5, 5));

    [Fact]
    public void Points_NotFinite_LeaveNoMark() => Assert.Equal("1.5,22.5 94.5,1.5", Draw(1, double.NaN, double.PositiveInfinity, 2));

    [Theory]
    [InlineData]
    [InlineData(1d)]
    public void Points_FewerThanTwo_DrawNothing(params double[] points) =>
        Assert.Empty(Render<Sparkline>(p => p.Add(c => c.Points, points).Add(c => c.Label, "Loss")).FindAll("polyline"));

    private string? Draw(params double[] points) =>
        Render<Sparkline>(p => p.Add(c => c.Points, points).Add(c => c.Label, "Loss")).Find("polyline").GetAttribute("points");
}

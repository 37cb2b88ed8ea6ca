using Studio.Web.Playground;

namespace Studio.Tests.Web.Playground;

public sealed class PlaygroundAddressTests
{
    [Fact]
    public void Parse_FullAddress_GivesPanesInOrderAndBackAgain()
    {
        var address = PlaygroundAddress.Parse("m", "base,b,a,b");

        Assert.Equal([null, "b", "a", "b"], address.Panes);
        Assert.Equal("/playground?adapters=base,b,a,b&model=m", address.ToUri());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" , ")]
    public void Parse_NoAdapters_IsTheBaseAlone(string? adapters) => Assert.Equal("/playground?adapters=base", PlaygroundAddress.Parse(null, adapters).ToUri());

    [Fact]
    public void Parse_TooMany_KeepsTheFirstFour() => Assert.Equal(["a", "b", "c", "d"], PlaygroundAddress.Parse(null, "a,b,c,d,e").Panes);

    [Fact]
    public void ToUri_StrangeId_IsEscaped() => Assert.Equal("/playground?adapters=base,a%26x%3D1", PlaygroundAddress.UriOf("a&x=1"));
}

using Studio.Web.Datasets;

namespace Studio.Tests.Web.Datasets;

public sealed class PreviewStateTests
{
    [Theory]
    [InlineData(null, null, null, "/datasets/d")]
    [InlineData("m", "7", "64", "/datasets/d?model=m&row=7&length=64")]
    [InlineData("", "0", "1", "/datasets/d")]
    [InlineData(null, "-3", "many", "/datasets/d")]
    [InlineData(null, "1", "512", "/datasets/d")]
    public void Parse_ThenToUri_KeepsWhatMakesSense(string? model, string? row, string? length, string expected) =>
        Assert.Equal(expected, PreviewState.Parse("d", model, row, length).ToUri());
}

using Studio.Core.Storage;

namespace Studio.Tests.Storage;

public sealed class StudioIdTests
{
    [Fact]
    public void New_ManyInARow_AreInOrdinalOrder()
    {
        var ids = Enumerable.Range(0, 10_000).Select(_ => StudioId.New()).ToList();

        Assert.Equal(ids.Order(StringComparer.Ordinal).Distinct(), ids);
    }

    [Fact]
    public void New_FromManyThreads_AreUnique()
    {
        var ids = ParallelEnumerable.Range(0, 20_000).Select(_ => StudioId.New()).ToHashSet(StringComparer.OrdinalIgnoreCase);

        Assert.Equal(20_000, ids.Count);
    }

    [Fact]
    public void New_Id_NeedsNoEscapingInUrls()
    {
        var id = StudioId.New();

        Assert.Equal(id, Uri.EscapeDataString(id));
        Assert.True(StudioId.IsWellFormed(id));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("../../etc/passwd")]
    [InlineData("0123456789abcde")]
    [InlineData("0123456789abcdeu")] // Crockford's alphabet has no u
    [InlineData("0123456789ABCDEF")]
    public void IsWellFormed_AnythingElse_IsFalse(string? text) => Assert.False(StudioId.IsWellFormed(text));
}

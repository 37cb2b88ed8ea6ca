using Studio.Web.Datasets;

namespace Studio.Tests.Web.Datasets;

public sealed class ReadProgressStreamTests
{
    [Fact]
    public async Task Copy_ReportsAllBytesInOrderAndPassesThemOn()
    {
        var content = new byte[200_000];
        Random.Shared.NextBytes(content);
        var reports = new List<long>();
        using var copy = new MemoryStream();

        await using (var stream = new ReadProgressStream(new MemoryStream(content), reports.Add))
            await stream.CopyToAsync(copy, 65_536, TestContext.Current.CancellationToken);

        Assert.Equal(content, copy.ToArray());
        Assert.Equal(reports.Order(), reports);
        Assert.Equal(content.Length, reports[^1]);
        Assert.True(reports.Count > 2);
    }

    [Fact]
    public async Task Dispose_DisposesWhatItReads()
    {
        var inner = new MemoryStream();
        await new ReadProgressStream(inner, _ => { }).DisposeAsync();
        Assert.False(inner.CanRead);
    }
}

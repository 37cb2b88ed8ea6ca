using Studio.Bench.Measure;
using Studio.Tests.Storage;

namespace Studio.Tests.Bench.Measure;

/// <summary>What is said of the page cache is so.</summary>
public sealed class PageCacheTests
{
    [Fact]
    public void Drop_FileOfACheckpoint_IsGoneFromMemoryWhereItSaysSo()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Only Linux says what of a file is in memory.");
        using var folder = new TestDirectory();
        string path = folder.File("model.safetensors");
        using (var file = File.Create(path))
        {
            file.Write(new byte[8 << 20]);
            file.Flush(flushToDisk: true);
        }
        File.ReadAllBytes(path);
        Assert.Equal(1, PageCache.Resident(path));
        Assert.Equal(PageCache.Drop(folder.Root), PageCache.Resident(path) < 0.02);
    }
}

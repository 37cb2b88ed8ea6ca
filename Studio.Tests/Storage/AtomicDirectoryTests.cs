using Studio.Core.Storage;

namespace Studio.Tests.Storage;

public sealed class AtomicDirectoryTests : IDisposable
{
    private readonly TestDirectory folder = new();
    private readonly string target;

    public AtomicDirectoryTests() => target = folder.File("adapter");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Write_NewFolder_HoldsWhatWasFilledIn()
    {
        AtomicDirectory.Write(target, Fill("new"));

        Assert.Equal("new", Content());
        Assert.Equal("deep", File.ReadAllText(Path.Combine(target, "sub", "b.txt")));
        Assert.Equal(["adapter"], folder.Entries);
    }

    [Fact]
    public void Write_ExistingFolder_ReplacesItAsAWhole()
    {
        AtomicDirectory.Write(target, Fill("old"));
        File.WriteAllText(Path.Combine(target, "extra.txt"), "only in the old one");

        AtomicDirectory.Write(target + Path.DirectorySeparatorChar, Fill("new"));

        Assert.Equal("new", Content());
        Assert.False(File.Exists(Path.Combine(target, "extra.txt")));
        Assert.Equal(["adapter"], folder.Entries);
    }

    [Fact]
    public void Write_DiskFullHalfway_KeepsTheOldFolderAndCleansUp()
    {
        AtomicDirectory.Write(target, Fill("old"));

        Assert.Throws<IOException>(() => AtomicDirectory.Write(target, path =>
        {
            File.WriteAllText(Path.Combine(path, "a.txt"), "ne");
            throw new IOException("No space left on device", 28);
        }));

        Assert.Equal("old", Content());
        Assert.Equal(["adapter"], folder.Entries);
    }

    [Fact]
    public void Write_FromManyThreads_EndsWithOneWholeFolder()
    {
        Parallel.For(0, 20, i => AtomicDirectory.Write(target, path =>
        {
            File.WriteAllText(Path.Combine(path, "a.txt"), $"{i}");
            File.WriteAllText(Path.Combine(path, "b.txt"), $"{i}");
        }));

        Assert.Equal(Content(), File.ReadAllText(Path.Combine(target, "b.txt")));
        Assert.Equal(["adapter"], folder.Entries);
    }

    [Fact]
    public void Delete_Folder_RemovesItAndMissingOneIsFine()
    {
        AtomicDirectory.Write(target, Fill("old"));

        AtomicDirectory.Delete(target);
        AtomicDirectory.Delete(target);

        Assert.Empty(folder.Entries);
    }

    [Fact]
    public void CleanUp_KilledWhileFilling_RemovesTheUnfinishedFolderAndFile()
    {
        AtomicDirectory.Write(target, Fill("old"));
        Fill("half")(Leftover("adapter", "tmp"));
        File.WriteAllText(Path.Combine(target, $".a.txt.tmp-{Guid.NewGuid():N}"), "ha");

        var done = AtomicDirectory.CleanUp(folder.Root);

        Assert.Equal(2, done.Count);
        Assert.Equal("old", Content());
        Assert.Equal(["a.txt", "sub"], Directory.EnumerateFileSystemEntries(target).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(["adapter"], folder.Entries);
    }

    [Fact]
    public void CleanUp_KilledBetweenTheTwoRenames_BringsTheOldFolderBack()
    {
        Fill("old")(Leftover("adapter", "old"));
        Fill("new")(Leftover("adapter", "tmp"));

        AtomicDirectory.CleanUp(folder.Root);

        Assert.Equal("old", Content());
        Assert.Equal(["adapter"], folder.Entries);
    }

    [Fact]
    public void CleanUp_KilledAfterTheSwap_KeepsTheNewFolder()
    {
        AtomicDirectory.Write(target, Fill("new"));
        Fill("old")(Leftover("adapter", "old"));

        AtomicDirectory.CleanUp(folder.Root);

        Assert.Equal("new", Content());
        Assert.Equal(["adapter"], folder.Entries);
    }

    [Fact]
    public void CleanUp_NamesThatOnlyLookAlike_AreLeftAlone()
    {
        string[] names = [".adapter.tmp-1", "adapter.tmp-0123456789abcdef0123456789abcdef", ".hidden"];
        foreach (var name in names)
        {
            File.WriteAllText(folder.File(name), "the user's");
        }

        Assert.Empty(AtomicDirectory.CleanUp(folder.Root));

        Assert.Equal(names.Order(StringComparer.Ordinal), folder.Entries);
    }

    private static Action<string> Fill(string text) => path =>
    {
        File.WriteAllText(Path.Combine(path, "a.txt"), text);
        Directory.CreateDirectory(Path.Combine(path, "sub"));
        File.WriteAllText(Path.Combine(path, "sub", "b.txt"), "deep");
    };

    private string Content() => File.ReadAllText(Path.Combine(target, "a.txt"));

    private string Leftover(string name, string kind) => Directory.CreateDirectory(folder.File($".{name}.{kind}-{Guid.NewGuid():N}")).FullName;
}

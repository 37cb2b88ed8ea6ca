using System.Globalization;
using Studio.Core.Storage;

namespace Studio.Tests.Storage;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly TestDirectory folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Constructor_NewFolder_CreatesTheLayout()
    {
        using var directory = new DataDirectory(folder.File("deep/data"));

        Assert.Equal(["adapters", "backups", "datasets", "downloads", "models", "parked", "runs"], Directory.EnumerateDirectories(directory.Root).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(Path.Combine(directory.Root, "studio.db"), directory.DatabasePath);
        Assert.Equal(Path.Combine(directory.Root, "adapters", "a1"), directory.AdapterPath("a1"));
        Assert.True(Directory.Exists(directory.CheckpointsPath("r1")));
        Assert.Empty(directory.Repairs);
    }

    [Fact]
    public void Constructor_DirectoryInUse_IsRefusedWithTheOwnersProcessId()
    {
        using var first = new DataDirectory(folder.Root);

        var error = Assert.Throws<StorageException>(() => new DataDirectory(folder.Root));

        Assert.Contains(folder.Root, error.Message, StringComparison.Ordinal);
        Assert.Contains(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_AfterDispose_IsFreeAgain()
    {
        new DataDirectory(folder.Root).Dispose();

        using var again = new DataDirectory(folder.Root);
    }

    [Fact]
    public void Constructor_OwnerWasKilled_IgnoresItsFiles()
    {
        File.WriteAllText(folder.File("studio.lock"), "");
        File.WriteAllText(folder.File("studio.owner"), "999999");

        using var directory = new DataDirectory(folder.Root);

        Assert.Equal(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), File.ReadAllText(folder.File("studio.owner")));
    }

    [Fact]
    public void Constructor_LeftoversOfAKilledProcess_AreRepaired()
    {
        new DataDirectory(folder.Root).Dispose();
        Directory.CreateDirectory(folder.File($"runs/r1/checkpoints/.100.tmp-{Guid.NewGuid():N}"));

        using var directory = new DataDirectory(folder.Root);

        Assert.Single(directory.Repairs);
        Assert.Empty(Directory.EnumerateFileSystemEntries(directory.CheckpointsPath("r1")));
    }

    [Fact]
    public void Constructor_PathIsAFile_SaysWhichAndWhatToDo()
    {
        File.WriteAllText(folder.File("data"), "");

        var error = Assert.Throws<StorageException>(() => new DataDirectory(folder.File("data")));

        Assert.Contains(folder.File("data"), error.Message, StringComparison.Ordinal);
        Assert.Contains("Studio:DataDirectory", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_FolderCannotBeWritten_SaysSo()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self"), "needs a file system that refuses even the administrator: /proc");

        var error = Assert.Throws<StorageException>(() => new DataDirectory("/proc/self/studio"));

        Assert.Contains("/proc/self/studio", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../other")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("C:")]
    [InlineData(".hidden")]
    public void AdapterPath_IdThatLeadsElsewhere_IsRefused(string id)
    {
        using var directory = new DataDirectory(folder.Root);

        Assert.Throws<ArgumentException>(() => directory.AdapterPath(id));
    }

    [Fact]
    public void DefaultLocation_ForThisUser_IsAnAbsoluteFolderOfTheStudio()
    {
        Assert.True(Path.IsPathFullyQualified(DataDirectory.DefaultLocation));
        Assert.Equal("SymbiosisStudio", Path.GetFileName(DataDirectory.DefaultLocation));
    }
}

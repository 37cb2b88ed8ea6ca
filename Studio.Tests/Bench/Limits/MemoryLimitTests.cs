using System.Diagnostics;
using System.Globalization;
using Studio.Bench.Limits;
using Studio.Bench.Measure;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Bench.Limits;

/// <summary>A limit of memory ends what exceeds it; and who enforces it.</summary>
public sealed class MemoryLimitTests : IDisposable
{
    private const long Limit = 2L << 30;

    private readonly TestDirectory _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task Watchdog_ProcessesTogetherAboveTheLimit_EndsAllOfThem()
    {
        using var limit = new WatchdogLimit(200L << 20);
        var first = Child(limit);
        // One .NET process with torch fits, four do not: all end, at rest as they are.
        Assert.True(await first.LoadAsync());
        Assert.False(limit.Exceeded);
        var others = Enumerable.Range(0, 3).Select(_ => Child(limit)).ToList();
        bool[] loaded = await Task.WhenAll(others.Select(other => other.LoadAsync()));
        Assert.Contains(false, loaded);
        Assert.True(limit.Exceeded);
        Assert.False(await first.StepAsync(1));
        Assert.Equal(0, limit.Read().ProportionalBytes);
    }

    [Fact]
    public async Task Watchdog_ProcessBelowTheLimit_IsLeftAlone()
    {
        using var limit = new WatchdogLimit(Limit);
        var child = Child(limit);
        Assert.True(await child.LoadAsync() && await child.AddAsync(1, 1));
        Assert.False(limit.Exceeded);
        Assert.InRange(limit.Read().ProportionalBytes, 20 << 20, Limit);
    }

    [Fact]
    public void Enforce_NoControlGroup_IsTheWatchdog()
    {
        using var limit = MemoryLimit.Enforce(Limit, []);
        Assert.Equal("watchdog", limit.Name);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(long.MaxValue)]
    public void Enforce_BytesBeyondTheMachine_AreRefused(long bytes) => Assert.Throws<ArgumentOutOfRangeException>(() => MemoryLimit.Enforce(bytes, []));

    [Fact]
    public void Enforce_GroupThatHandsOutMemory_IsTheNearestSuchOne()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Control groups are Linux's.");
        string root = Group("", "cpu memory pids"), near = Group("user", "cpu memory"), own = Group("user/session", "cpu"), folder;
        using (var limit = MemoryLimit.Enforce(Limit, [own, near, root]))
        {
            Assert.Equal("cgroup", limit.Name);
            folder = Assert.Single(Directory.GetDirectories(near, "studio-bench-*"));
            Assert.Equal(Limit.ToString(CultureInfo.InvariantCulture), File.ReadAllText(Path.Combine(folder, "memory.max")));
            var process = limit.Start(new ProcessStartInfo("/bin/sh", ["-c", "echo $$; exec true"]) { RedirectStandardOutput = true });
            string pid = process.StandardOutput.ReadToEnd();
            Assert.Equal(pid, File.ReadAllText(Path.Combine(folder, "cgroup.procs")));
            File.WriteAllText(Path.Combine(folder, "memory.events"), "low 0\noom 0\noom_kill 0\n");
            Assert.False(limit.Exceeded);
            File.WriteAllText(Path.Combine(folder, "memory.events"), "low 0\noom 1\noom_kill 2\n");
            Assert.True(limit.Exceeded);
            // The files of a real group go with it.
            foreach (string file in Directory.GetFiles(folder)) File.Delete(file);
        }
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void Enforce_GroupThatLetsNobodyIn_IsPassedOver()
    {
        string closed = Group("closed", "memory");
        Directory.Delete(closed, recursive: true);
        File.WriteAllText(closed, ""); // nothing can be made below it
        using var limit = MemoryLimit.Enforce(Limit, [closed, _tree.File("absent")]);
        Assert.Equal("watchdog", limit.Name);
    }

    private static FineTuneProcess Child(MemoryLimit limit) =>
        new(new FineTuneJob(Path.Combine(SourceFolder.Root, "models", "starter"), ScalarType.BFloat16, OwnCopy: true, Tokens: 8, Rank: 2, InFlight: 1), cores: 1, limit.Start);

    private string Group(string path, string controllers)
    {
        string folder = Directory.CreateDirectory(_tree.File(path)).FullName;
        File.WriteAllText(Path.Combine(folder, "cgroup.subtree_control"), controllers + "\n");
        return folder;
    }
}

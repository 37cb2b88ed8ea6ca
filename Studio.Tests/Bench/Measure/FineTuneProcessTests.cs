using System.Diagnostics;
using System.Globalization;
using Studio.Bench.Limits;
using Studio.Bench.Measure;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Bench.Measure;

/// <summary>Child processes that fine-tune: what they hold, what they say, and how they end.</summary>
public sealed class FineTuneProcessTests : IDisposable
{
    private static readonly string Starter = Path.Combine(SourceFolder.Root, "models", "starter");

    private readonly ProcessGroup _processes = new();

    public void Dispose() => _processes.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Load_OwnCopyOrMapped_HoldsTheWeightsSo(bool ownCopy)
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Looks at the mappings of a process, which only Linux shows.");
        Process? child = null;
        var process = new FineTuneProcess(Job(Starter) with { OwnCopy = ownCopy }, cores: 1, command => child = _processes.Start(command));
        Assert.True(await process.LoadAsync());
        string maps = await File.ReadAllTextAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{child!.Id}/maps"));
        Assert.Equal(!ownCopy, maps.Contains(Path.Combine(Starter, "model.safetensors"), StringComparison.Ordinal));
        Assert.InRange(process.State.WeightBytes, 7_000_000, 8_000_000);
    }

    [Fact]
    public async Task Add_Runs_AreCompleteAfterTheirSteps()
    {
        var process = new FineTuneProcess(Job(Starter), cores: 0, _processes.Start);
        Assert.True(await process.LoadAsync() && await process.AddAsync(2, 1));
        Assert.Equal((2, true), (process.State.Runs, process.State.Trainable > 0));
        Assert.True(await process.StepAsync(1) && await process.AddAsync(1, 0));
        Assert.Equal(3, process.State.Runs);
        _processes.Kill();
        Assert.False(await process.StepAsync(1));
    }

    [Fact]
    public async Task Load_NoSuchFolder_EndsAndSaysWhy()
    {
        var process = new FineTuneProcess(Job("/no/such/model"), cores: 0, _processes.Start);
        Assert.False(await process.LoadAsync());
        Assert.Contains("/no/such/model", (await process.FailureAsync()).Message, StringComparison.Ordinal);
    }

    private static FineTuneJob Job(string folder) => new(folder, ScalarType.BFloat16, OwnCopy: false, Tokens: 8, Rank: 2, InFlight: 2);
}

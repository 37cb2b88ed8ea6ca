using System.Diagnostics;
using System.Globalization;
using Studio.Bench.Limits;
using Studio.Bench.Measure;
using Studio.Tests.Storage;
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
        // As in the Hub's cache, whose folders hold links.
        using var links = new TestDirectory();
        foreach (string file in Directory.GetFiles(Starter)) File.CreateSymbolicLink(links.File(Path.GetFileName(file)), file);
        var process = new FineTuneProcess(Job(links.Root) with { OwnCopy = ownCopy }, cores: 1, command => child = _processes.Start(command));
        Assert.True(await process.LoadAsync());
        string[] mapping = [.. (await File.ReadAllLinesAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{child!.Id}/smaps")))
            .SkipWhile(line => !line.EndsWith(Path.Combine(Starter, "model.safetensors"), StringComparison.Ordinal)).Skip(1).TakeWhile(line => !line.Contains('-', StringComparison.Ordinal))];
        double own = 1024 * long.Parse(Assert.Single(mapping, line => line.StartsWith("Anonymous:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        Assert.InRange(process.State.WeightBytes, 7_000_000, 8_000_000);
        Assert.InRange(own / process.State.WeightBytes, ownCopy ? 0.99 : 0, ownCopy ? 1.01 : 0);
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

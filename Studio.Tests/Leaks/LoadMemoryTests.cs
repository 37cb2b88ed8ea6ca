using Studio.Bench.Measure;
using Studio.Core.Tensors;

namespace Studio.Tests.Leaks;

/// <summary>The short form of <c>bench load-memory</c>: loading holds one copy of the weights and nothing of their size beside it.</summary>
public sealed class LoadMemoryTests
{
    private const long FileBytes = 100_000_000;

    [Fact]
    public void Load_AsStoredOrConverted_PeaksAtOneCopyOfTheWeights()
    {
        // Types that halve the weights leave too few of them here to tell a copy from what any process takes.
        var all = LoadMemory.Measure(FileBytes, (stored, compute) => SafeTensorTypes.Bytes(compute) >= SafeTensorTypes.Bytes(stored)).ToList();
        Assert.Equal(5, all.Count);
        Assert.All(all, load =>
        {
            Assert.InRange(load.WeightBytes, FileBytes * 0.9, FileBytes * 2.1);
            Assert.True(load.Ratio is > 0.9 and <= LoadMemory.MostRatio, $"{load.Stored} to {load.Compute}: the peak is {load.Ratio:0.000} of the weights.");
        });
    }
}

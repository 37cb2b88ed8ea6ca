using Studio.Core.Data;

namespace Studio.Tests.Data;

public sealed class SamplePackerTests
{
    [Fact]
    public void Pack_InOrder_EndsABlockWhereTheNextDoesNotFit() =>
        Assert.Equal(["3 4", "5", "6 2"], Lengths(SamplePacker.Pack(Samples(3, 4, 5, 6, 2), 8)));

    [Fact]
    public void Pack_FirstFitDecreasing_FillsTheGaps() =>
        Assert.Equal(["6 2", "5 3", "4"], Lengths(SamplePacker.Pack(Samples(3, 4, 5, 6, 2), 8, PackingOrder.FirstFitDecreasing)));

    [Fact]
    public void Pack_Window_LooksNoFurther() =>
        Assert.Equal(["6", "3", "5 2", "2"], Lengths(SamplePacker.Pack(Samples(3, 6, 2, 5, 2), 8, PackingOrder.FirstFitDecreasing, window: 2)));

    [Theory]
    [InlineData(PackingOrder.InOrder)]
    [InlineData(PackingOrder.FirstFitDecreasing)]
    public void Pack_ManySamples_PutsEachIntoOneBlockWithinTheBound(PackingOrder order)
    {
        var random = new RandomSource(4);
        var samples = Samples([.. Enumerable.Range(0, 3000).Select(_ => 1 + random.Next(200))]);
        var blocks = SamplePacker.Pack(samples, 256, order);
        Assert.All(blocks, block => Assert.InRange(block.Tokens, 1, 256));
        Assert.Equal(samples.ToHashSet(ReferenceEqualityComparer.Instance), blocks.SelectMany(block => block.Samples).ToHashSet(ReferenceEqualityComparer.Instance));
        Assert.Equal(samples.Count, blocks.Sum(block => block.Samples.Count));
    }

    [Fact]
    public void Pack_SampleLongerThanABlock_IsRefusedByNumber() =>
        Assert.Contains("Sample 1 has 9 tokens", Assert.Throws<ArgumentException>(() => SamplePacker.Pack(Samples(3, 9), 8)).Message, StringComparison.Ordinal);

    [Fact]
    public void Pack_NoSamples_GivesNoBlocks() => Assert.Empty(SamplePacker.Pack([], 8));

    internal static List<TrainingSample> Samples(params int[] lengths) =>
        [.. lengths.Select(length => new TrainingSample(new int[length], [.. Enumerable.Repeat(true, length)]))];

    private static IEnumerable<string> Lengths(IReadOnlyList<PackedBlock> blocks) =>
        blocks.Select(block => string.Join(' ', block.Samples.Select(sample => sample.Length)));
}

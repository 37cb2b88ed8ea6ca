using Studio.Core.Data;
using Studio.Core.Runs;
using Studio.Core.Runs.Admission;

namespace Studio.Tests.Runs.Admission;

public sealed class RowLengthsTests
{
    private readonly RowLengths _lengths = RowLengths.Of([.. new[] { 3, 90, 5, 40, 7 }.Select(length => new TrainingSample(new int[length], new bool[length]))]);

    [Theory]
    [InlineData(1, 512, 0, 90, 90)]
    [InlineData(3, 512, 0, 137, 90)]
    [InlineData(3, 50, 0, 97, 50)]
    [InlineData(3, 50, 20, 157, 70)]
    [InlineData(16, 512, 0, 145, 90)]
    public void Largest_IsTheLongestRowsTogether(int batch, int maxLength, int virtualTokens, long tokens, long longest) =>
        Assert.Equal(new StepShape(tokens, longest), _lengths.Largest(batch, maxLength, virtualTokens));

    [Fact]
    public void Largest_NoRows_IsNothing() => Assert.Equal(new StepShape(0, 0), RowLengths.Of([]).Largest(4, 512, 8));
}

using Studio.Core.Models;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Models;

/// <summary>What a cache holds, and that a sliding window really frees the rest.</summary>
public sealed class KeyValueCacheTests : TensorTest
{
    private const int Window = 16;
    private static readonly DecoderConfig Config = new DecoderConfig
    {
        Family = "test",
        Vocabulary = 11,
        Hidden = 8,
        Blocks = 2,
        Heads = 4,
        KeyValueHeads = 2,
        HeadWidth = 4,
        MlpWidth = 8,
        ContextLength = 4096,
        AttentionScale = 1,
    }.WithBlocks((block, i) => i == 0 ? block with { Window = Window } : block);

    [Fact]
    public void Append_TokenByToken_WindowedBlockHoldsTheLastKeysOnly()
    {
        using var cache = new KeyValueCache(Config, ScalarType.Float32, CPU);
        using var other = new KeyValueCache(Config with { PerBlock = [Config.PerBlock[0], Config.PerBlock[0]] }, ScalarType.Float32, CPU);
        long largest = 0;
        for (int position = 0; position < 2000; position++)
        {
            using var scope = NewDisposeScope();
            using var rows = full([1, 2, 4], position);
            var near = cache.Append(0, rows, rows);
            var all = cache.Append(1, rows, rows);
            Assert.Equal(Math.Min(position + 1, Window), near.Keys.size(1));
            Assert.Equal(position + 1, all.Keys.size(1));
            Assert.Equal(Math.Max(0, position - Window + 1), near.Keys[0, 0, 0].item<float>());
            Assert.Equal(position, near.Values[1, -1, 3].item<float>());
            other.Append(0, rows, rows);
            other.Append(1, rows, rows);
            largest = Math.Max(largest, other.Bytes);
        }
        Assert.Equal(2000, cache.Length);
        // Two blocks of at most four windows of keys and values, whatever the length.
        Assert.InRange(largest, 1, 2 * 2 * 4 * Window * 2 * 4 * sizeof(float));
    }

    [Theory]
    [InlineData(ScalarType.Float32, true)]
    [InlineData(ScalarType.BFloat16, false)]
    public void TakesAsIs_RowsOfAnotherType_Not(ScalarType type, bool expected)
    {
        using var cache = new KeyValueCache(Config, ScalarType.Float32, CPU);
        using var rows = zeros(1, 8, dtype: type);
        Assert.Equal(expected, cache.TakesAsIs(rows));
    }

    [Fact]
    public void Append_LongPromptThenToken_WindowedBlockFreesThePrompt()
    {
        using var cache = new KeyValueCache(Config with { PerBlock = [Config.PerBlock[0], Config.PerBlock[0]] }, ScalarType.Float32, CPU);
        using var scope = NewDisposeScope();
        var prompt = randn(1000, 2, 4);
        for (int block = 0; block < 2; block++) cache.Append(block, prompt, prompt);
        long before = cache.Bytes;
        for (int block = 0; block < 2; block++) cache.Append(block, prompt[..1], prompt[..1]);
        Assert.True(cache.Bytes * 5 < before, $"{before} bytes became {cache.Bytes}");
    }

    [Fact]
    public void Truncate_AfterAFailedPass_GoesOnAsBefore()
    {
        using var cache = new KeyValueCache(Config, ScalarType.Float32, CPU);
        using var scope = NewDisposeScope();
        var first = arange(40).to(ScalarType.Float32).view(40, 1, 1).expand(40, 2, 4);
        for (int block = 0; block < 2; block++) cache.Append(block, first, first);
        cache.Append(0, first[..7], first[..7]); // the pass fails before block 1
        cache.Truncate(40);
        Assert.Equal(40, cache.Length);
        var next = full([1, 2, 4], 40);
        var near = cache.Append(0, next, next);
        Assert.Equal(Enumerable.Range(40 - Window + 1, Window).Select(i => (float)i), near.Keys[0, .., 0].data<float>().ToArray());
        Assert.Equal(41, cache.Append(1, next, next).Keys.size(1));
    }

    [Fact]
    public void Truncate_BeyondTheWindow_IsRefused()
    {
        using var cache = new KeyValueCache(Config, ScalarType.Float32, CPU);
        using var scope = NewDisposeScope();
        var rows = randn(200, 2, 4);
        for (int pass = 0; pass < 3; pass++)
            for (int block = 0; block < 2; block++) cache.Append(block, rows, rows);
        Assert.Contains("sliding window of 16", Assert.Throws<InvalidOperationException>(() => cache.Truncate(100)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Copy_OfTheFirstPositions_GoesOnByItself()
    {
        using var cache = new KeyValueCache(Config, ScalarType.Float32, CPU);
        using var scope = NewDisposeScope();
        Fill(cache, 0, 40);
        using var copy = cache.Copy(38, room: 50);
        Assert.Equal(38, copy.Length);
        Fill(copy, 100, 1);
        Fill(cache, 40, 1);
        var near = copy.Append(0, full([1, 2, 4], 101), full([1, 2, 4], 101)).Keys[1, .., 3].contiguous().data<float>().ToArray();
        var all = copy.Append(1, full([1, 2, 4], 101), full([1, 2, 4], 101)).Values[1, .., 3].contiguous().data<float>().ToArray();
        Assert.Equal([.. Enumerable.Range(38 + 2 - Window, Window - 2).Select(i => (float)i), 100, 101], near);
        Assert.Equal([.. Enumerable.Range(0, 38).Select(i => (float)i), 100, 101], all);
        Assert.Equal(40, cache.Append(1, full([1, 2, 4], 41), full([1, 2, 4], 41)).Keys[0, 40, 0].item<float>());
    }

    [Fact]
    public void CanTruncate_WhereTheWindowHasPassed_IsFalseAndCopiesAreRefused()
    {
        using var cache = new KeyValueCache(Config, ScalarType.Float32, CPU);
        using var scope = NewDisposeScope();
        for (int pass = 0; pass < 3; pass++) Fill(cache, 200 * pass, 200);
        Assert.True(cache.CanTruncate(600));
        Assert.True(cache.CanTruncate(599));
        Assert.False(cache.CanTruncate(100));
        Assert.Contains("sliding window of 16", Assert.Throws<InvalidOperationException>(() => cache.Copy(100, 100)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RotaryScalingKind.None, 30, 200, true)]
    [InlineData(RotaryScalingKind.Linear, 30, 200, true)]
    [InlineData(RotaryScalingKind.DynamicNtk, 30, 100, true)]
    [InlineData(RotaryScalingKind.DynamicNtk, 30, 101, false)]
    [InlineData(RotaryScalingKind.DynamicNtk, 101, 102, false)]
    [InlineData(RotaryScalingKind.LongRope, 30, 100, true)]
    [InlineData(RotaryScalingKind.LongRope, 30, 101, false)]
    [InlineData(RotaryScalingKind.LongRope, 101, 150, true)]
    [InlineData(RotaryScalingKind.LongRope, 101, 90, false)]
    public void Serves_FrequenciesThatDependOnTheLength_OnlyWhereTheyAreTheSame(RotaryScalingKind scaling, int filled, int wanted, bool expected)
    {
        var config = (Config with { PerBlock = [] }).WithBlocks((block, _) => block with { Rotary = new RotaryConfig { Width = 4, Scaling = scaling, OriginalContext = 100, ShortFactors = [1, 1], LongFactors = [2, 2] } });
        using var cache = new KeyValueCache(config, ScalarType.Float32, CPU);
        using var scope = NewDisposeScope();
        Fill(cache, 0, filled);
        Assert.Equal(expected, cache.Serves(wanted));
        using var copy = cache.Copy(filled - 5, filled);
        Assert.Equal(expected, copy.Serves(wanted));
    }

    [Fact]
    public void Serves_ChunksAnnouncedMore_CountsWhatIsAhead()
    {
        var config = Config.WithBlocks((block, _) => block with { Rotary = new RotaryConfig { Width = 4, Scaling = RotaryScalingKind.DynamicNtk, OriginalContext = 100 } });
        using var cache = new KeyValueCache(config, ScalarType.Float32, CPU);
        using var scope = NewDisposeScope();
        Fill(cache, 0, 50, ahead: 60);
        Assert.False(cache.Serves(90));
    }

    // As a forward does: every block gets the rows, whose keys are their positions.
    private static void Fill(KeyValueCache cache, int first, int count, int ahead = 0)
    {
        cache.Take(Enumerable.Range(first, count).ToArray(), ahead);
        var rows = arange(first, first + count).to(ScalarType.Float32).view(count, 1, 1).expand(count, 2, 4);
        for (int block = 0; block < 2; block++) cache.Append(block, rows, rows);
    }
}

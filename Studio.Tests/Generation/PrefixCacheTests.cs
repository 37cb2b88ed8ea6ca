using Studio.Core.Generation;
using Studio.Core.Models;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Generation;

/// <summary>What is kept, for whom, and what goes first.</summary>
public sealed class PrefixCacheTests : TensorTest
{
    private static readonly DecoderConfig Config = new()
    {
        Family = "test",
        Vocabulary = 11,
        Hidden = 8,
        Blocks = 1,
        Heads = 2,
        KeyValueHeads = 2,
        HeadWidth = 4,
        MlpWidth = 8,
        ContextLength = 4096,
        AttentionScale = 1,
    };

    // Keys and values of 64 positions, which is the least that a cache allocates.
    private const long Smallest = 2 * 2 * 64 * 4 * sizeof(float);

    [Fact]
    public void Take_AllOfIt_GivesItAway()
    {
        using var cache = new PrefixCache(1 << 20);
        var tokens = Tokens(20);
        var own = Filled(tokens);
        cache.Keep(new KnownPrefix("a", tokens, own), []);
        Assert.Equal(Smallest, cache.Bytes);
        var (taken, count) = cache.Take("a", [.. tokens, 1]);
        Assert.Same(own, taken);
        Assert.Equal((20, 0L), (count, cache.Bytes));
        Assert.Equal((null, 0), cache.Take("a", [.. tokens, 1]));
        taken!.Dispose();
    }

    [Fact]
    public void Take_APart_GivesACopyAndKeepsIt()
    {
        using var cache = new PrefixCache(1 << 20);
        var tokens = Tokens(30);
        cache.Keep(Known("a", tokens), []);
        var (taken, count) = cache.Take("a", [.. tokens[..18], 99, 98]);
        Assert.Equal((18, 18, Smallest), (count, taken!.Length, cache.Bytes));
        using (var scope = NewDisposeScope())
        {
            using var row = full([1, 2, 4], -5f);
            var keys = taken.Append(0, row, row).Keys;
            Assert.Equal([.. tokens[..18].Select(token => (float)token), -5f], keys[0, .., 0].contiguous().data<float>().ToArray());
        }
        taken.Dispose();
        var (rest, all) = cache.Take("a", [.. tokens, 1]);
        Assert.Equal(30, all);
        rest!.Dispose();
    }

    [Fact]
    public void Usable_OtherValuesFewTokensOrTheWholePrompt_IsLess()
    {
        using var cache = new PrefixCache(1 << 20);
        var tokens = Tokens(30);
        cache.Keep(Known("a", tokens), []);
        Assert.Equal(0, cache.Usable("b", tokens));
        Assert.Equal(29, cache.Usable("a", tokens));
        Assert.Equal(0, cache.Usable("a", [.. tokens[..15], 99]));
        Assert.Equal(16, cache.Usable("a", [.. tokens[..16], 99]));
    }

    [Fact]
    public void Keep_ALongerOne_TakesThePlaceOfItsBeginnings()
    {
        using var cache = new PrefixCache(1 << 20);
        var tokens = Tokens(40);
        cache.Keep(Known("a", tokens[..20]), []);
        cache.Keep(Known("b", tokens[..20]), []);
        cache.Keep(Known("a", tokens), []);
        Assert.Equal(2 * Smallest, cache.Bytes);
        cache.Keep(Known("a", tokens[..30]), []);
        Assert.Equal(2 * Smallest, cache.Bytes);
        Assert.Equal(40, cache.Usable("a", [.. tokens, 1]));
    }

    [Fact]
    public void Keep_BeyondTheBudget_FreesWhatWasOfNoUseForLongest()
    {
        using var cache = new PrefixCache(2 * Smallest);
        int[] first = Tokens(20, 1), second = Tokens(20, 2), third = Tokens(20, 3);
        cache.Keep(Known("a", first), []);
        cache.Keep(Known("a", second), []);
        cache.Take("a", [.. first[..18], 99]).Cache!.Dispose();
        cache.Keep(Known("a", third), []);
        Assert.Equal(2 * Smallest, cache.Bytes);
        Assert.Equal((19, 0, 19), (cache.Usable("a", first), cache.Usable("a", second), cache.Usable("a", third)));
        // What alone is too much is not kept, and costs the others nothing.
        var large = Tokens(200, 4);
        cache.Keep(Known("a", large), []);
        Assert.Equal((19, 0), (cache.Usable("a", first), cache.Usable("a", large)));
    }

    [Fact]
    public void Forget_AnAdapter_FreesWhatItHadAPartInNowAndLater()
    {
        using var cache = new PrefixCache(1 << 20);
        int[] tokens = Tokens(20);
        cache.Keep(Known("one", tokens), ["x"]);
        cache.Keep(Known("blend", tokens), ["y", "x"]);
        cache.Keep(Known("other", tokens), ["y"]);
        cache.Forget("x");
        Assert.Equal(Smallest, cache.Bytes);
        cache.Keep(Known("one", tokens), ["x"]);
        Assert.Equal((0, 19), (cache.Usable("one", tokens), cache.Usable("other", tokens)));
    }

    private static int[] Tokens(int count, int seed = 0) => [.. Enumerable.Range(0, count).Select(i => 1000 * seed + i)];

    private static KnownPrefix Known(string edition, int[] tokens) => new(edition, tokens, Filled(tokens));

    // Its keys are the tokens.
    private static KeyValueCache Filled(int[] tokens)
    {
        using var scope = NewDisposeScope();
        var cache = new KeyValueCache(Config, ScalarType.Float32, CPU);
        var rows = tensor(tokens.Select(token => (float)token).ToArray()).view(-1, 1, 1).expand(-1, 2, 4);
        cache.Append(0, rows, rows);
        return cache;
    }
}

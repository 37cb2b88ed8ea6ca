using Studio.Core.Models;
using Studio.Core.Runs;
using static TorchSharp.torch;

namespace Studio.Tests.Runs.Admission;

/// <summary>The calculated memory of a step against peaks measured by <c>bench step-memory</c>, and how it follows the shapes.</summary>
public sealed class StepMemoryTests
{
    private const long Rank8OnQwen = 4 * 183_296, Rank8OnSmol = 10 * 81_408;

    private static readonly DecoderConfig Qwen = Shape(blocks: 4, hidden: 896, heads: 14, keyValueHeads: 2, mlp: 4864, vocabulary: 151_936);
    private static readonly DecoderConfig Smol = Shape(blocks: 10, hidden: 576, heads: 9, keyValueHeads: 3, mlp: 1536, vocabulary: 49_152);

    [Theory]
    [InlineData("qwen", 128, 66.1)]
    [InlineData("qwen", 512, 165.7)]
    [InlineData("qwen", 1024, 260.7)]
    [InlineData("qwen", 2048, 461.2)]
    [InlineData("smollm", 128, 43.6)]
    [InlineData("smollm", 512, 157.4)]
    [InlineData("smollm", 1024, 287.5)]
    [InlineData("smollm", 2048, 485.0)]
    public void Of_ShapesThatWereMeasured_IsAtMostAFewPercentAbove(string shape, int tokens, double measuredMegabytes)
    {
        var (config, parameters) = shape == "qwen" ? (Qwen, Rank8OnQwen) : (Smol, Rank8OnSmol);
        Assert.InRange(Total(StepMemory.Of(config, ScalarType.BFloat16, new StepShape(tokens, tokens), parameters)) / 1e6 / measuredMegabytes, 1, 1.15);
    }

    [Fact]
    public void Of_MoreOfAnything_IsMore()
    {
        long usual = Of(Qwen);
        Assert.True(usual < Total(StepMemory.Of(Qwen, ScalarType.BFloat16, new StepShape(300, 256), 1000)), "More tokens take no more.");
        Assert.True(usual < Of(Qwen with { Blocks = 5 }), "More blocks take no more.");
        Assert.True(usual < Of(Qwen with { Hidden = 1024 }), "A wider stream takes no more.");
        Assert.True(usual < Of(Qwen with { MlpWidth = 5000 }), "A wider MLP takes no more.");
        Assert.True(usual < Of(Qwen with { AttentionSoftcap = 30 }), "Scores that are kept take nothing.");
        Assert.True(usual < Total(StepMemory.Of(Qwen, ScalarType.BFloat16, new StepShape(256, 256), 2000)), "More parameters take no more.");
        Assert.True(usual < Total(StepMemory.Of(Qwen, ScalarType.Float32, new StepShape(256, 256), 1000)), "fp32 takes no more.");
        Assert.True(usual < Total(StepMemory.Of(Qwen, ScalarType.BFloat16, new StepShape(256, 256), 1000, new RecordedParts(Operations: true, Updates: false, Dropout: false))), "Recorded operations take no more.");
        long updates = Total(StepMemory.Of(Qwen, ScalarType.BFloat16, new StepShape(256, 256), 1000, new RecordedParts(Operations: false, Updates: true, Dropout: false)));
        Assert.True(usual < updates, "Recorded updates take no more.");
        Assert.True(updates < Total(StepMemory.Of(Qwen, ScalarType.BFloat16, new StepShape(256, 256), 1000, new RecordedParts(Operations: false, Updates: true, Dropout: true))), "Dropout takes no more.");
    }

    [Fact]
    public void Of_LongSequencesWhoseScoresAreKept_GrowWithTheSquare()
    {
        var capped = Qwen with { AttentionSoftcap = 30 };
        long together = StepMemory.Of(capped, ScalarType.BFloat16, new StepShape(4096, 4096), 1000).Activations;
        long apart = StepMemory.Of(capped, ScalarType.BFloat16, new StepShape(4096, 512), 1000).Activations;
        // 14 heads * 4096 * 4096 scores of 2 bytes, three times, in 4 blocks.
        Assert.True(together - apart > 4 * 3 * 14L * 4096 * (4096 - 512) * 2, $"{together - apart} bytes between them.");
    }

    [Fact]
    public void Of_Logits_AreOneChunkHoweverManyTokens() =>
        Assert.Equal(StepMemory.Of(Qwen, ScalarType.BFloat16, new StepShape(1 << 16, 512), 0).Logits, StepMemory.Of(Qwen, ScalarType.BFloat16, new StepShape(1 << 10, 512), 0).Logits);

    [Fact]
    public void Of_Checkpointed_KeepsARowPerBlockAndTheActivationsOfOne()
    {
        var deep = Qwen with { Blocks = 24 };
        long all = StepMemory.Of(deep, ScalarType.BFloat16, new StepShape(2048, 512), 0).Activations;
        long few = StepMemory.Of(deep, ScalarType.BFloat16, new StepShape(2048, 512), 0, checkpointed: true).Activations;
        Assert.InRange(few, 24 * 2048L * 896 * 2, all / 4);
    }

    private static long Of(DecoderConfig config) => Total(StepMemory.Of(config, ScalarType.BFloat16, new StepShape(256, 256), 1000));

    private static long Total(StepBytes step) => step.Gradients + step.Activations + step.Logits;

    private static DecoderConfig Shape(int blocks, int hidden, int heads, int keyValueHeads, int mlp, int vocabulary) => new()
    {
        Family = "llama",
        Blocks = blocks,
        Hidden = hidden,
        Heads = heads,
        KeyValueHeads = keyValueHeads,
        HeadWidth = 64,
        MlpWidth = mlp,
        Vocabulary = vocabulary,
        ContextLength = 4096,
        AttentionScale = 0.125,
        Rotary = new RotaryConfig { Width = 64 },
    };
}

using Studio.Core.Models;
using Studio.Core.Models.Families;
using static TorchSharp.torch;

namespace Studio.Bench.Starter;

/// <summary>Everything that determines the starter model: shape, vocabulary, corpus, schedule. The same recipe gives the same model.</summary>
public sealed record StarterRecipe
{
    public const string StartOfTurn = "<|im_start|>";
    public const string EndOfTurn = "<|im_end|>";
    public const string EndOfText = "<|endoftext|>";

    public int Seed { get; init; } = 20_260;

    public int Vocabulary { get; init; } = 2048;

    public int Hidden { get; init; } = 256;

    public int Blocks { get; init; } = 4;

    public int Heads { get; init; } = 8;

    public int KeyValueHeads { get; init; } = 4;

    public int MlpWidth { get; init; } = 768;

    public int ContextLength { get; init; } = 512;

    /// <summary>Conversations that the vocabulary is trained on.</summary>
    public int VocabularyConversations { get; init; } = 30_000;

    /// <summary>Conversations of one optimizer step.</summary>
    public int BatchConversations { get; init; } = 64;

    public int Steps { get; init; } = 2400;

    public int WarmUpSteps { get; init; } = 60;

    public double LearningRate { get; init; } = 3e-3;

    public double WeightDecay { get; init; } = 0.05;

    public double MaximumGradientNorm { get; init; } = 1;

    public DecoderConfig Config(int bos, int eos) => new()
    {
        Family = LlamaFamily.Create().ModelType,
        Vocabulary = Vocabulary,
        Hidden = Hidden,
        Blocks = Blocks,
        Heads = Heads,
        KeyValueHeads = KeyValueHeads,
        HeadWidth = Hidden / Heads,
        MlpWidth = MlpWidth,
        ContextLength = ContextLength,
        AttentionScale = 1 / Math.Sqrt((double)Hidden / Heads),
        NormEpsilon = 1e-5,
        Rotary = new RotaryConfig { Width = Hidden / Heads },
        TiedHead = true,
        StoredType = ScalarType.BFloat16,
        BosId = bos,
        EosIds = [eos],
    };
}

using System.Text.Json;
using Studio.Core.Text;
using Studio.Core.Text.Tokenization;

namespace Studio.Tests.Text;

public sealed class BpeTrainerTests : IDisposable
{
    private static readonly string[] Special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
    private readonly string _folder = Directory.CreateTempSubdirectory("bpe").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Train_ClassicExample_MergesInOrderOfFrequency()
    {
        // The worked example of Sennrich et al. 2016, section 3.2, with ties broken by id and words cut by GPT-2's pattern.
        var text = string.Join(' ', Enumerable.Repeat("low", 5).Concat(Enumerable.Repeat("lower", 2))
            .Concat(Enumerable.Repeat("newest", 6)).Concat(Enumerable.Repeat("widest", 3)));
        // Counts: es 9, est 9, lo 7, low 7 (the last word of each kind has no space before it).
        var bpe = BpeTrainer.Train([text], 256 + 4, []);
        Assert.Equal([("e", "s"), ("es", "t"), ("l", "o"), ("lo", "w")], bpe.Merges);
    }

    [Fact]
    public void Save_ThenLoad_EncodesAndDecodesTheSameText()
    {
        var tokenizer = TrainAndLoad(400, out var bpe);
        foreach (var text in (string[])["The cat sat.", "  two  spaces\n\nand\tlines ", "naïve 日本語 😀", ""])
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, addSpecialTokens: false), skipSpecialTokens: false));
        Assert.Equal(bpe.Tokens.Count, tokenizer.VocabularySize);
        Assert.Equal(0, tokenizer.EosId);
        Assert.Equal([1, 2], tokenizer.Encode("<|im_start|><|im_end|>", addSpecialTokens: true));
        Assert.Equal("{{ template }}", tokenizer.ChatTemplate);
    }

    [Fact]
    public void Train_TextsInAnotherOrder_GivesTheSameVocabulary()
    {
        var texts = Corpus(200).ToArray();
        Assert.Equal(BpeTrainer.Train(texts, 700, Special).Tokens, BpeTrainer.Train(texts.Reverse(), 700, Special).Tokens);
    }

    [Fact]
    public void Train_EveryMerge_IsTheMostFrequentPairAtItsTime()
    {
        var texts = Corpus(40).ToArray();
        var bpe = BpeTrainer.Train(texts, 256 + 40, []);
        Assert.Equal(NaiveMerges(texts, 40), bpe.Merges);
    }

    [Fact]
    public void Train_SpecialTokensInTheText_AreNeverSplitIntoMerges()
    {
        var bpe = BpeTrainer.Train(Enumerable.Repeat("<|im_start|>x", 50), 300, Special);
        Assert.Empty(bpe.Merges);
    }

    [Fact]
    public void Train_NoPairOccursTwice_StopsBelowTheSizeWanted()
    {
        Assert.Equal(256, BpeTrainer.Train(["abcdef"], 1000, []).Tokens.Count);
        Assert.Equal(256, BpeTrainer.Train([], 1000, []).Tokens.Count);
    }

    [Fact]
    public void Train_WordOfOneMegabyte_Ends()
    {
        var bpe = BpeTrainer.Train([string.Concat(Enumerable.Repeat("abcd", 250_000)), "\ud800 lone \udc00"], 300, []);
        Assert.Contains("abcd", bpe.Tokens);
    }

    [Fact]
    public void Train_NoRoomForTheBytes_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BpeTrainer.Train(["a"], 258, Special));

    [Fact]
    public void Train_SpecialTokenTwice_IsRefused() => Assert.Throws<ArgumentException>(() => BpeTrainer.Train(["a"], 300, ["<a>", "<a>"]));

    [Fact]
    public void Save_UnknownEosToken_IsRefusedAndNothingWritten()
    {
        var target = Path.Combine(_folder, "none");
        var bpe = BpeTrainer.Train(["a"], 300, Special);
        Assert.Throws<ArgumentException>(() => bpe.Save(target, new TokenizerFiles { EosToken = "</s>", ModelMaxLength = 8 }));
        Assert.False(Directory.Exists(target));
    }

    [Fact]
    public void Save_Files_HaveTheFieldsThatHuggingFaceReads()
    {
        TrainAndLoad(300, out _);
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder, "tokenizer.json")));
        Assert.Equal("ByteLevel", json.RootElement.GetProperty("pre_tokenizer").GetProperty("type").GetString());
        Assert.Equal(3, json.RootElement.GetProperty("added_tokens").GetArrayLength());
        using var config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder, "tokenizer_config.json")));
        Assert.Equal(512, config.RootElement.GetProperty("model_max_length").GetInt32());
        Assert.Equal("<|im_end|>", config.RootElement.GetProperty("added_tokens_decoder").GetProperty("2").GetProperty("content").GetString());
        Assert.Equal(2, Directory.GetFiles(_folder).Length);
    }

    private TextTokenizer TrainAndLoad(int size, out TrainedBpe bpe)
    {
        bpe = BpeTrainer.Train(Corpus(100), size, Special);
        bpe.Save(_folder, new TokenizerFiles { EosToken = Special[0], PadToken = Special[0], ChatTemplate = "{{ template }}", ModelMaxLength = 512 });
        return TextTokenizer.Load(_folder);
    }

    private static IEnumerable<string> Corpus(int count)
    {
        var random = new Random(7);
        string[] words = ["the", "cat", "sat", "on", "mat", "winter", "summer", "naïve", "日本", "running", "runner", "12", "don't"];
        for (var i = 0; i < count; i++) yield return string.Join(' ', Enumerable.Range(0, 20).Select(_ => words[random.Next(words.Length)])) + ".";
    }

    /// <summary>BPE by the definition: recount every pair after every merge.</summary>
    private static List<(string, string)> NaiveMerges(string[] texts, int count)
    {
        const string gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
        var order = ByteAlphabet.All.ToArray().Order().Select(c => c.ToString()).ToList();
        var words = texts.SelectMany(text => System.Text.RegularExpressions.Regex.Matches(text, gpt2))
            .Select(match => ByteAlphabet.Spell(match.Value).Select(c => c.ToString()).ToList()).ToList();
        var merges = new List<(string, string)>();
        while (merges.Count < count)
        {
            var best = words.SelectMany(word => word.Zip(word.Skip(1))).GroupBy(pair => pair)
                .OrderByDescending(group => group.Count()).ThenBy(group => order.IndexOf(group.Key.First)).ThenBy(group => order.IndexOf(group.Key.Second))
                .First().Key;
            merges.Add(best);
            order.Add(best.First + best.Second);
            foreach (var word in words)
                for (var i = 0; i + 1 < word.Count; i++)
                    if ((word[i], word[i + 1]) == best)
                    {
                        word[i] += word[i + 1];
                        word.RemoveAt(i + 1);
                    }
        }

        return merges;
    }
}

using System.Diagnostics;
using System.Text.Json;
using Studio.Core.Generation;
using Studio.Core.Tensors;
using Studio.Core.Text;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>What to measure.</summary>
internal sealed record PrefixSpeedOptions(int Turns, int Message, int Tokens, int Rounds);

/// <summary>The time to the first token of every turn of a conversation, whose prompts grow: reading them whole, against reading what is new.</summary>
internal static class PrefixSpeed
{
    private const long Plenty = 8L << 30;
    private const int FirstCharacter = 0x10000;

    /// <summary>Writes the table.</summary>
    public static int Run(BenchModel source, PrefixSpeedOptions options, TextWriter output)
    {
        using var model = source.Load();
        using var lanes = new ComputeLanePool();
        var tokenizer = Tokenizer(model.Config.Vocabulary);
        var (whole, part) = (Empty(), Empty());
        var lengths = new int[options.Turns];
        var reused = new int[options.Turns];
        for (int round = -1; round < options.Rounds; round++)
        {
            // Each conversation begins with a generator of its own: a former round's must not help it.
            var without = new TextGenerator(model, tokenizer, [], lanes);
            var with = new TextGenerator(model, tokenizer, [], lanes, Plenty);
            int[] history = [];
            for (int turn = 0; turn < options.Turns; turn++)
            {
                history = [.. history, .. Message(model.Config.Vocabulary, options.Message, turn)];
                var request = new GenerationRequest { Prompt = history, Sampling = new SamplingSettings { Greedy = true, MaxNewTokens = options.Tokens } };
                var slow = Answer(without, request).GetAwaiter().GetResult();
                var fast = Answer(with, request).GetAwaiter().GetResult();
                (lengths[turn], reused[turn]) = (history.Length, fast.Reused);
                history = [.. history, .. fast.Ids];
                if (round < 0) continue;
                whole[turn].Add(slow.Seconds);
                part[turn].Add(fast.Seconds);
            }
            without.DisposeAsync().AsTask().GetAwaiter().GetResult();
            with.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        var report = new BenchReport(FormattableString.Invariant($"{source.Name}, {source.Type}, messages of {options.Message} tokens, answers of {options.Tokens}, {options.Rounds} rounds, {get_num_threads()} threads"), "prefix", output);
        for (int turn = 0; turn < options.Turns; turn++)
        {
            report.Add(
                new Figure("turn", turn + 1),
                new Figure("prompt tokens", lengths[turn]),
                new Figure("reused", reused[turn]),
                new Figure("first token ms, read whole", BenchReport.Median(whole[turn]) * 1e3, "0"),
                new Figure("with reuse", BenchReport.Median(part[turn]) * 1e3, "0"),
                new Figure("ratio", BenchReport.Median(whole[turn].Zip(part[turn], (slow, fast) => slow / fast))));
        }
        report.Write();
        return 0;

        List<double>[] Empty() => [.. Enumerable.Range(0, options.Turns).Select(_ => new List<double>())];
    }

    private static async Task<(double Seconds, int Reused, IReadOnlyList<int> Ids)> Answer(TextGenerator generator, GenerationRequest request)
    {
        long start = Stopwatch.GetTimestamp();
        double first = 0;
        int reused = 0;
        string text = "";
        await foreach (var piece in generator.GenerateAsync(request).ConfigureAwait(false))
        {
            if (first == 0) first = Stopwatch.GetElapsedTime(start).TotalSeconds;
            (reused, text) = (piece.Reused, text + piece.Text);
        }
        return (first, reused, [.. text.EnumerateRunes().Select(rune => rune.Value - FirstCharacter)]);
    }

    private static IEnumerable<int> Message(int vocabulary, int length, int turn) => Enumerable.Range(0, length).Select(i => ((turn + 1) * 104_729 + i * 7919) % vocabulary);

    // Every token is one character: the text of an answer says which tokens it has.
    private static TextTokenizer Tokenizer(int vocabulary)
    {
        string folder = Directory.CreateTempSubdirectory("bench-tokenizer").FullName;
        try
        {
            var characters = Enumerable.Range(0, vocabulary).ToDictionary(id => char.ConvertFromUtf32(FirstCharacter + id), id => id);
            File.WriteAllText(Path.Combine(folder, "tokenizer.json"), JsonSerializer.Serialize(new { version = "1.0", model = new { type = "BPE", vocab = characters, merges = Array.Empty<string>() }, decoder = new { type = "Fuse" } }));
            return TextTokenizer.Load(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}

using System.Diagnostics;
using Studio.Core.Execution;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>What to measure.</summary>
internal sealed record DecodeSpeedOptions(IReadOnlyList<int> Sessions, int Prompt, int Tokens, int Rank, int Rounds, bool Int8);

/// <summary>
/// Tokens a second of several sessions over different adapters in one batch, against one session, and one session against the memory's bandwidth; and of one
/// session with 8-bit copies of the weights.
/// </summary>
internal static class DecodeSpeed
{
    /// <summary>Writes the table.</summary>
    public static int Run(BenchModel source, DecodeSpeedOptions options, TextWriter output)
    {
        using var model = source.Load();
        using var smaller = options.Int8 ? source.Load(new ExecutorOptions { Int8Decode = true }) : null;
        var chats = options.Sessions.Select(count => new BenchChat(model, count, options.Prompt, options.Rank)).ToList();
        if (smaller is not null) chats.Add(new BenchChat(smaller, 1, options.Prompt, options.Rank));
        var seconds = chats.Select(_ => new List<double>()).ToList();
        for (int round = -1; round < options.Rounds; round++)
        {
            for (int i = 0; i < chats.Count; i++)
            {
                chats[i].Rewind();
                long start = Stopwatch.GetTimestamp();
                for (int token = 0; token < options.Tokens; token++) chats[i].Next();
                if (round >= 0) seconds[i].Add(Stopwatch.GetElapsedTime(start).TotalSeconds / options.Tokens);
            }
        }
        double? deviation = smaller is null ? null : Deviation(Logits(chats[options.Sessions.ToList().IndexOf(1)]), Logits(chats[^1]));
        foreach (var chat in chats) chat.Dispose();
        double bandwidth = MemoryBandwidth.Measure();
        long read = GemmPeak.MultipliedWeights(model) * (model.ComputeType == ScalarType.Float32 ? 4 : 2);
        var report = new BenchReport(FormattableString.Invariant($"{source.Name}, {source.Type}, prompt of {options.Prompt} tokens, LoRA r = {options.Rank} a session, {options.Rounds} rounds, {get_num_threads()} threads, memory {bandwidth / 1e9:0.0} GB/s"), "decode", output);
        for (int i = 0; i < chats.Count; i++)
        {
            double pass = BenchReport.Median(seconds[i]);
            report.Add(
                new Figure("sessions", Count(i)),
                new Figure("weights", i < options.Sessions.Count ? source.Type : "8 bits"),
                new Figure("ms a token", pass * 1e3, "0.0"),
                new Figure("tokens/s", Count(i) / pass, "0.0"),
                new Figure("to one session", BenchReport.Median(seconds[i].Zip(seconds[0], (own, one) => Count(i) * one / own)) / options.Sessions[0]),
                new Figure("weights read, to bandwidth", i < options.Sessions.Count ? read / pass / bandwidth : null, "0.000"),
                new Figure("GB of weights", (i < options.Sessions.Count ? model : smaller!).Bytes / 1e9),
                new Figure("logits off", i < options.Sessions.Count ? null : deviation, "0.0000"));
        }
        report.Write();
        return 0;

        int Count(int i) => i < options.Sessions.Count ? options.Sessions[i] : 1;
    }

    private static float[] Logits(BenchChat chat)
    {
        chat.Rewind();
        return chat.Next();
    }

    // Length of the difference to the length of what is right.
    private static double Deviation(float[] exact, float[] other) =>
        Math.Sqrt(exact.Zip(other, (a, b) => Math.Pow(a - b, 2)).Sum() / exact.Sum(a => Math.Pow(a, 2)));
}

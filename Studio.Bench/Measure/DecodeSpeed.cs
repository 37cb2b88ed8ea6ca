using System.Diagnostics;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>What to measure.</summary>
internal sealed record DecodeSpeedOptions(IReadOnlyList<int> Sessions, int Prompt, int Tokens, int Rank, int Rounds);

/// <summary>Tokens a second of several sessions over different adapters in one batch, against one session, and one session against the memory's bandwidth.</summary>
internal static class DecodeSpeed
{
    /// <summary>Writes the table.</summary>
    public static int Run(BenchModel source, DecodeSpeedOptions options, TextWriter output)
    {
        using var model = source.Load();
        var chats = options.Sessions.Select(count => new BenchChat(model, count, options.Prompt, options.Rank)).ToList();
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
        foreach (var chat in chats) chat.Dispose();
        double bandwidth = MemoryBandwidth.Measure();
        long read = GemmPeak.MultipliedWeights(model) * (model.ComputeType == ScalarType.Float32 ? 4 : 2);
        var report = new BenchReport(FormattableString.Invariant($"{source.Name}, {source.Type}, prompt of {options.Prompt} tokens, LoRA r = {options.Rank} a session, {options.Rounds} rounds, {get_num_threads()} threads, memory {bandwidth / 1e9:0.0} GB/s"), "decode", output);
        for (int i = 0; i < chats.Count; i++)
        {
            double pass = BenchReport.Median(seconds[i]);
            report.Add(
                new Figure("sessions", options.Sessions[i]),
                new Figure("ms a token", pass * 1e3, "0.0"),
                new Figure("tokens/s", options.Sessions[i] / pass, "0.0"),
                new Figure("to one session", BenchReport.Median(seconds[i].Zip(seconds[0], (own, one) => options.Sessions[i] * one / own)) / options.Sessions[0]),
                new Figure("weights read, to bandwidth", read / pass / bandwidth, "0.000"));
        }
        report.Write();
        return 0;
    }
}

using System.Diagnostics;
using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>What to measure.</summary>
internal sealed record LoadSpeedOptions(int Prompt, int Rank, int Rounds);

/// <summary>
/// The time to load a checkpoint, and from there to the first token of a chat with an adapter: in the type that it is stored in, whose weights are the mapped file, and in
/// the other, which is converted; each from the disk, where the system forgets a file on request, and from its page cache. The variants take turns. The memory of a
/// load is that of <see cref="LoadMemory"/>.
/// </summary>
internal static class LoadSpeed
{
    /// <summary>Writes the table.</summary>
    public static int Run(BenchModel source, LoadSpeedOptions options, TextWriter output)
    {
        var (stored, bytes) = Describe(source.Folder);
        var types = ((ScalarType[])[ScalarType.BFloat16, ScalarType.Float32]).OrderByDescending(type => type == stored).ToArray();
        var loads = types.SelectMany(type => ((bool[])[true, false]).Select(cold => new Variant(type, cold))).ToList();
        for (int round = -1; round < options.Rounds; round++)
        {
            foreach (var load in loads)
            {
                // Asked for and refused: the row is then a second one from the page cache, and says so.
                if (load.Cold) load.Forgotten &= PageCache.Drop(source.Folder);
                long start = Stopwatch.GetTimestamp();
                using var model = BenchModel.In(source.Folder, load.Type).Load();
                double loaded = Stopwatch.GetElapsedTime(start).TotalSeconds;
                using var chat = new BenchChat(model, 1, options.Prompt, options.Rank);
                if (round < 0) continue;
                load.Loads.Add(loaded);
                load.FirstTokens.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }
        var memory = types.ToDictionary(type => type, type => LoadMemory.Measure(source.Folder, stored, type));
        var report = new BenchReport(FormattableString.Invariant($"{source.Name}, stored as {stored}, {bytes / 1e6:0} MB, prompt of {options.Prompt} tokens, {options.Rounds} rounds, {get_num_threads()} threads"), "load", output);
        foreach (var load in loads)
        {
            report.Add(
                new Figure("computes in", load.Type == stored ? $"{load.Type}, mapped" : $"{load.Type}, converted"),
                new Figure("page cache", load.Cold && load.Forgotten ? "cold" : "warm"),
                new Figure("load s", BenchReport.Median(load.Loads), "0.000"),
                new Figure("GB/s", bytes / BenchReport.Median(load.Loads) / 1e9),
                new Figure("first token s", BenchReport.Median(load.FirstTokens), "0.000"),
                new Figure("weights MB", memory[load.Type].WeightBytes / 1e6, "0.0"),
                new Figure("peak MB", memory[load.Type].PeakBytes / 1e6, "0.0"),
                new Figure("peak to weights", memory[load.Type].Ratio, "0.000"));
        }
        report.Write();
        return 0;
    }

    private static (ScalarType Stored, long Bytes) Describe(string folder)
    {
        using var checkpoint = Checkpoint.Open(folder);
        return (checkpoint.TypeOf(checkpoint.Family.Weight(LayerId.Embedding).Name), checkpoint.Bytes);
    }

    private sealed record Variant(ScalarType Type, bool Cold)
    {
        public bool Forgotten { get; set; } = true;

        public List<double> Loads { get; } = [];

        public List<double> FirstTokens { get; } = [];
    }
}

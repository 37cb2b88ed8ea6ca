using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Studio.Core.Data;
using Studio.Core.Runs;
using Studio.Core.Tensors;

namespace Studio.Tests.Runs;

/// <summary>
/// A process that trains and saves after every step, and kills itself (SIGKILL: nothing is closed or flushed) at a moment drawn from its seed
/// within or just after one of its saves. Its output says what it was about to write and what was written.
/// </summary>
internal static class TrainingProcess
{
    public const string Argument = "train-until-killed";
    public const string Saving = "saving ", Saved = "saved ", Adapter = "adapter ", RunId = "run ";

    /// <summary>Starts the process.</summary>
    public static Process Start(string root, int seed)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Studio.Tests.exe" : "Studio.Tests")) { RedirectStandardOutput = true };
        foreach (string argument in new[] { Argument, root, seed.ToString(CultureInfo.InvariantCulture) }) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    /// <summary>A name for values: equal only for the same bits.</summary>
    public static string Hash(ReadOnlySpan<float> values) => Convert.ToHexString(SHA256.HashData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values)));

    /// <summary>The process's whole life; it never returns alive.</summary>
    public static int Run(string root, string seed) => RunAsync(root, new RandomSource(ulong.Parse(seed, CultureInfo.InvariantCulture))).GetAwaiter().GetResult();

    private static async Task<int> RunAsync(string root, RandomSource random)
    {
        int fatalSave = 3 + random.Next(4);
        double moment = random.NextDouble() * 1.3; // in durations of a save
        await using var studio = await TestStudio.OpenAsync(root, new RunManagerOptions { SaveEverySteps = 1 });
        string rows = (await studio.Datasets.ListAsync()) is [var known, ..] ? known.Id : await studio.ImportAsync(TestRows.Jsonl(9));
        long began = 0, fastest = long.MaxValue;
        string hash = "";
        studio.Environment.Saves = (_, instance) => hash = Hash(instance.Adapter.Parameters.Values.ToFloatArray());
        studio.Environment.Saving = (_, save) =>
        {
            Say(Saving + hash);
            began = Stopwatch.GetTimestamp();
            if (save == fatalSave) new Thread(() => Die((long)(fastest * moment))).Start();
            return Task.CompletedTask;
        };
        studio.Environment.Saved = (_, _) =>
        {
            fastest = Math.Min(fastest, Stopwatch.GetTimestamp() - began);
            Say(Saved + hash);
        };
        var run = await studio.Runs.StartAsync(studio.Request(rows, steps: 100_000));
        Say(RunId + run.Record.Id);
        Say(Adapter + run.Record.AdapterId);
        await studio.WhenEndedAsync(run.Record.Id);
        return 0;
    }

    private static void Die(long ticks)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetTimestamp() - start < ticks) Thread.SpinWait(10);
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }

    private static void Say(string line)
    {
        lock (Console.Out)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }
}

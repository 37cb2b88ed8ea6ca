using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using static TorchSharp.torch;

namespace Studio.Bench.Soak.Fuzz;

/// <summary>What came of one mutation.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Loaded">Whether it loaded.</param>
/// <param name="Failure">What no user should see; null where there is nothing.</param>
internal sealed record FuzzOutcome(int Number, bool Loaded, string? Failure);

/// <summary>Tries mutations one after the other, in a process of its own that may not survive it. Says which one it begins, and what came of it.</summary>
internal static class FuzzChild
{
    /// <summary>The command that the child process runs.</summary>
    public const string Command = "fuzz-child";

    /// <summary>Begins the line that a mutation's number follows.</summary>
    public const string Begin = "begin ";

    /// <summary>Processor time that a mutation may take: refusing is a matter of milliseconds, and the bounds of templates and patterns are seconds.</summary>
    private const double MostSeconds = 15;

    private const double MostMegabytes = 512;

    /// <summary>Tries every <paramref name="step"/>th mutation from <paramref name="first"/> on.</summary>
    /// <param name="folders">Where the seeds are.</param>
    /// <param name="soakSeed">Of the soak.</param>
    /// <param name="first">The first number.</param>
    /// <param name="step">From one to the next.</param>
    /// <param name="end">The number behind the last.</param>
    /// <param name="mask">Which edits; all where negative.</param>
    /// <param name="drill">Numbers of mutations that go wrong on purpose, such as <c>7:hang</c>: they prove that this is noticed.</param>
    public static void Run(IReadOnlyList<string> folders, int soakSeed, int first, int step, int end, int mask, IReadOnlyList<string> drill)
    {
        set_num_threads(1);
        var seeds = FuzzSeed.Find(folders);
        using var process = Process.GetCurrentProcess();
        for (int number = first; number < end; number += step)
        {
            Console.WriteLine(Begin + number.ToString(CultureInfo.InvariantCulture));
            var mutation = Mutation.Make(seeds, soakSeed, number);
            string? fault = drill.Where(entry => entry.StartsWith(number.ToString(CultureInfo.InvariantCulture) + ":", StringComparison.Ordinal)).Select(entry => entry[(entry.IndexOf(':', StringComparison.Ordinal) + 1)..]).FirstOrDefault();
            Console.WriteLine(JsonSerializer.Serialize(Try(process, mutation, number, mask, fault)));
        }
    }

    private static FuzzOutcome Try(Process process, Mutation mutation, int number, int mask, string? fault)
    {
        byte[] bytes = mutation.Bytes(mask);
        PeakMemory.Reset();
        process.Refresh();
        var (processor, before) = (process.TotalProcessorTime, Memory("VmRSS:"));
        bool loaded = false;
        string? failure = null;
        try
        {
            if (fault is not null) Drill(fault);
            loaded = FuzzTarget.Try(mutation.Seed, bytes) is null;
        }
        // The boundary: what is no refusal is what the soak looks for.
        catch (Exception error)
        {
            failure = $"{error.GetType().Name}: {error.Message} {Place(error)}";
        }
        process.Refresh();
        double seconds = (process.TotalProcessorTime - processor).TotalSeconds, megabytes = Memory("VmHWM:") - before;
        if (seconds > MostSeconds) failure ??= string.Create(CultureInfo.InvariantCulture, $"it took {seconds:0.0} s of processor time");
        if (megabytes > MostMegabytes) failure ??= string.Create(CultureInfo.InvariantCulture, $"it took {megabytes:0} MB");
        return new FuzzOutcome(number, loaded, failure);
    }

    private static string Place(Exception error) =>
        error.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("Studio.", StringComparison.Ordinal))?.Trim() ?? "";

    private static double Memory(string field)
    {
        if (!File.Exists("/proc/self/status")) return 0;
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return double.Parse(line.AsSpan(field.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) / 1024;
    }

    private static void Drill(string fault)
    {
        switch (fault)
        {
            case "crash": Environment.Exit(134); break;
            case "overflow": Deeper(1); break;
            case "hang": Thread.Sleep(Timeout.Infinite); break;
            case "memory":
                var native = empty([300_000_000], dtype: ScalarType.Float32);
                native.fill_(1);
                native.Dispose();
                break;
            case "heap":
                var held = new List<byte[]>();
                while (true) held.Add(new byte[1 << 24]);
            default: throw new ArithmeticException(fault);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Deeper(int depth) => depth > 0 ? Deeper(depth + 1) + 1 : 0;
}

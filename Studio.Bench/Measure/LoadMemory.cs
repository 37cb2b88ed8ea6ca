using System.Diagnostics;
using System.Globalization;
using Studio.Core.Execution;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>What loading took: <paramref name="PeakBytes"/> is the growth of the largest resident set, <paramref name="WeightBytes"/> the weights in their compute type.</summary>
internal sealed record LoadFigures(ScalarType Stored, ScalarType Compute, long WeightBytes, long PeakBytes)
{
    /// <summary>Peak in units of the weights; 1 is one copy and nothing else.</summary>
    public double Ratio => (double)PeakBytes / WeightBytes;
}

/// <summary>Peak memory of loading a generated checkpoint, each load in a process of its own, which has loaded a small one before.</summary>
internal static class LoadMemory
{
    /// <summary>Name of the child's command.</summary>
    public const string ChildCommand = "load-memory-child";

    /// <summary>Most that loading may take, in units of the weights.</summary>
    public const double MostRatio = 1.1;

    private const ulong Seed = 11;

    private static readonly (ScalarType Stored, ScalarType Compute)[] Loads =
    [
        (ScalarType.BFloat16, ScalarType.BFloat16), (ScalarType.Float32, ScalarType.Float32),
        (ScalarType.Float16, ScalarType.Float32), (ScalarType.BFloat16, ScalarType.Float32),
        (ScalarType.Float16, ScalarType.BFloat16), (ScalarType.Float32, ScalarType.BFloat16),
    ];

    /// <summary>Measures all pairs of types and writes a line each; 1 where one of them takes too much.</summary>
    public static int Run(long bytes, TextWriter output)
    {
        output.WriteLine($"{"stored",-10} {"computes in",-12} {"weights MB",11} {"peak MB",9} {"peak / weights",15}");
        int code = 0;
        foreach (var figures in Measure(bytes))
        {
            if (figures.Ratio > MostRatio) code = 1;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figures.Stored,-10} {figures.Compute,-12} {figures.WeightBytes / 1e6,11:0.0} {figures.PeakBytes / 1e6,9:0.0} {figures.Ratio,15:0.000}"));
        }
        return code;
    }

    /// <summary>Loads checkpoints of about <paramref name="bytes"/>.</summary>
    /// <param name="bytes">Size of each file.</param>
    /// <param name="only">Which pairs of types; null = all.</param>
    public static IEnumerable<LoadFigures> Measure(long bytes, Func<ScalarType, ScalarType, bool>? only = null)
    {
        foreach (var group in Loads.Where(load => only?.Invoke(load.Stored, load.Compute) ?? true).GroupBy(load => load.Stored))
        {
            string folder = Directory.CreateTempSubdirectory("load-memory").FullName;
            try
            {
                RandomCheckpoint.Write(folder, group.Key, bytes, Seed);
                foreach (var (stored, compute) in group) yield return Measure(folder, stored, compute);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>Loads the checkpoint of a folder.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="stored">Type that it is stored in.</param>
    /// <param name="compute">Type to load it in.</param>
    public static LoadFigures Measure(string folder, ScalarType stored, ScalarType compute)
    {
        string small = Directory.CreateTempSubdirectory("load-memory-small").FullName;
        try
        {
            RandomCheckpoint.Write(small, stored, 0, Seed);
            return InChild(small, folder, stored, compute);
        }
        finally
        {
            Directory.Delete(small, recursive: true);
        }
    }

    /// <summary>The child: warms up with a small checkpoint, loads the large one, writes weights and peak.</summary>
    public static int RunChild(string warmUp, string folder, ScalarType type)
    {
        BaseModel.Load("warm-up", warmUp, type, CPU).Dispose();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        long before = DeviceMemory.Read().ResidentBytes;
        using var model = BaseModel.Load("large", folder, type, CPU);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model.Bytes} {DeviceMemory.Read().PeakResidentBytes - before}"));
        return 0;
    }

    private static LoadFigures InChild(string warmUp, string folder, ScalarType stored, ScalarType compute)
    {
        using var child = Process.Start(BenchProcess.Command(ChildCommand, warmUp, folder, compute.ToString()))!;
        var errors = child.StandardError.ReadToEndAsync();
        string[] figures = child.StandardOutput.ReadToEnd().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        child.WaitForExit();
        if (child.ExitCode != 0 || figures.Length != 2) throw new InvalidOperationException($"The child process failed: {errors.Result}");
        return new LoadFigures(stored, compute, long.Parse(figures[0], CultureInfo.InvariantCulture), long.Parse(figures[1], CultureInfo.InvariantCulture));
    }
}

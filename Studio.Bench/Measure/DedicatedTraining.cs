using System.Diagnostics;
using Studio.Bench.Limits;
using Studio.Core.Tensors;

namespace Studio.Bench.Measure;

/// <summary>The usual way to fine-tune several adapters: a process each, with a base of its own and its part of the cores.</summary>
internal sealed class DedicatedTraining : IDisposable
{
    private readonly ProcessGroup _group = new();
    private readonly List<FineTuneProcess> _processes;

    /// <summary>Starts them and waits until each has its base and its adapter.</summary>
    /// <param name="source">The base.</param>
    /// <param name="count">How many.</param>
    /// <param name="ownCopy">Whether each holds a private copy of the weights; else they share the pages of the mapped file.</param>
    /// <param name="tokens">Tokens a step.</param>
    /// <param name="rank">Rank of LoRA.</param>
    public DedicatedTraining(BenchModel source, int count, bool ownCopy, int tokens, int rank)
    {
        var job = new FineTuneJob(source.Folder, source.Type, ownCopy, tokens, rank, InFlight: 1);
        try
        {
            _processes = [.. Enumerable.Range(0, count).Select(_ => new FineTuneProcess(job, Math.Max(1, Environment.ProcessorCount / count), _group.Start))];
            All(async process => await process.LoadAsync().ConfigureAwait(false) && await process.AddAsync(1, 0).ConfigureAwait(false));
        }
        catch
        {
            _group.Dispose();
            throw;
        }
    }

    /// <summary>All of them take so many steps at once: the seconds until the last has.</summary>
    public double Step(int steps)
    {
        long start = Stopwatch.GetTimestamp();
        All(process => process.StepAsync(steps));
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The peak of their memory together while they take steps.</summary>
    public ProcessMemoryReading PeakOf(int steps) => MemoryPeak.While(_group.Read, () => Step(steps));

    /// <summary>Ends the processes.</summary>
    public void Dispose() => _group.Dispose();

    private void All(Func<FineTuneProcess, Task<bool>> work) => Task.WhenAll(_processes.Select(async process =>
    {
        if (!await work(process).ConfigureAwait(false)) throw await process.FailureAsync().ConfigureAwait(false);
    })).GetAwaiter().GetResult();
}

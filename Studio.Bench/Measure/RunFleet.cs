using System.Collections.Concurrent;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Tensors;

namespace Studio.Bench.Measure;

/// <summary>Many fine-tunes on one base: a few steps are in flight, all other runs rest with their values and moments.</summary>
internal sealed class RunFleet : IDisposable
{
    private readonly BaseModel _model;
    private readonly int _tokens;
    private readonly int _rank;
    private readonly DirectoryInfo? _states;
    private readonly ComputeLanePool _lanes;
    private readonly StepScheduler _turns;
    private readonly ConcurrentQueue<BenchRun> _resting = new();
    private readonly Lock _gate = new();
    private int _made;
    private int _complete;

    /// <summary>A fleet without runs.</summary>
    /// <param name="model">The base; it stays the caller's.</param>
    /// <param name="tokens">Tokens a step.</param>
    /// <param name="rank">Rank of LoRA.</param>
    /// <param name="inFlight">Steps in flight; 0 = as many as the <see cref="StepScheduler"/> chooses.</param>
    /// <param name="parked">Whether values and moments lie in files between steps.</param>
    public RunFleet(BaseModel model, int tokens, int rank, int inFlight, bool parked = false)
    {
        _states = parked ? Directory.CreateTempSubdirectory("bench-states") : null;
        (_model, _tokens, _rank) = (model, tokens, rank);
        _lanes = new ComputeLanePool(interactiveLanes: 1);
        _turns = new StepScheduler(_lanes, new StepSchedulerOptions { StepsInFlight = inFlight });
        InFlight = _turns.MostInFlight(new StepDemand("any", tokens, tokens));
    }

    /// <summary>Steps in flight.</summary>
    public int InFlight { get; }

    /// <summary>Trainable parameters of a run; 0 before the first is complete.</summary>
    public long Trainable { get; private set; }

    /// <summary>
    /// Makes runs one after the other and lets each take its steps. Runs that were complete before take a step now and then, so that as many steps as there may be are in
    /// flight all the time.
    /// </summary>
    /// <param name="count">How many.</param>
    /// <param name="steps">Steps of each.</param>
    /// <param name="complete">Receives how many runs there are that have taken their steps, each time that it is one more.</param>
    public Task AddAsync(int count, int steps, Action<int> complete) => InFlightAsync(count, async () =>
    {
        if (_resting.TryDequeue(out var earlier)) await TrainAsync(earlier, 1).ConfigureAwait(false);
        var run = await _lanes.RunAsync(LanePriority.Training, () => new BenchRun(_model, _tokens, _rank, (ulong)Interlocked.Increment(ref _made), stateFiles: _states is null ? null : NewStateFile)).ConfigureAwait(false);
        await TrainAsync(run, steps).ConfigureAwait(false);
        lock (_gate)
        {
            Trainable = run.Adapter.Parameters.Count;
            complete(++_complete);
        }
    });

    /// <summary>Every run takes so many steps.</summary>
    public Task StepAsync(int steps) => InFlightAsync(_resting.Count, async () =>
    {
        if (_resting.TryDequeue(out var run)) await TrainAsync(run, steps).ConfigureAwait(false);
    });

    /// <summary>Frees all runs.</summary>
    public void Dispose()
    {
        foreach (var run in _resting) run.Dispose();
        _turns.Dispose();
        _lanes.Dispose();
        _states?.Delete(recursive: true);
    }

    private string NewStateFile() => Path.Combine(_states!.FullName, Guid.NewGuid().ToString("N"));

    // From rest to rest: between two calls of this a run keeps its values and moments only.
    private async Task TrainAsync(BenchRun run, int steps)
    {
        for (int step = 0; step < steps; step++) await _turns.RunAsync(run.Demand, run.Step).ConfigureAwait(false);
        _resting.Enqueue(run);
    }

    // As many workers as steps may be in flight; where one fails the others begin nothing more.
    private Task InFlightAsync(int count, Func<Task> work)
    {
        int left = count;
        return Task.WhenAll(Enumerable.Range(0, InFlight).Select(_ => Task.Run(async () =>
        {
            try
            {
                while (Interlocked.Decrement(ref left) >= 0) await work().ConfigureAwait(false);
            }
            catch
            {
                Volatile.Write(ref left, 0);
                throw;
            }
        })));
    }
}

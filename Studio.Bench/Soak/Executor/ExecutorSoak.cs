using System.Diagnostics;
using System.Globalization;
using Studio.Bench.Measure;
using Studio.Core.Clients;
using Studio.Core.Data;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Bench.Soak.Executor;

/// <summary>
/// Fine-tunes and chats come and go on one base while policies change: some pause, some abandon steps and repeat them, some leave in the middle, some fail. Nobody may
/// hang, no tensor may be left, and whoever survives has the losses, or tokens, that he has alone.
/// </summary>
internal sealed class ExecutorSoak(ExecutorSoakOptions options)
{
    // What is played, so that every solo run is computed once.
    private const int DifferentRuns = 24;
    private const int DifferentChats = 12;
    private const int AnswerTokens = 12;

    // A step has at least so many base calls.
    private const int CallsOfAForward = 10;

    // Losses of fp32 runs in any company, relative.
    private const double Tolerance = 1e-5;

    private readonly ExecutorSoakTally _tally = new();
    private readonly Dictionary<string, (long At, string Doing)> _progress = new(StringComparer.Ordinal);

    /// <summary>Plays for the given time.</summary>
    public ExecutorSoakTally Run()
    {
        using var source = BenchModel.Of(NamedShape.Tiny, blocks: 0, ScalarType.Float32);
        using var model = source.Load();
        var (losses, tokens) = Alone(model);
        // From here on: the model's own tables are made at their first use.
        long before = TensorCount();
        using (var lanes = new ComputeLanePool())
        {
            using var steps = new StepScheduler(lanes);
            using var over = new CancellationTokenSource(options.Duration);
            Task[] clients =
            [
                .. Enumerable.Range(0, options.Runs).Select(i => Task.Run(() => TrainAsync(model, steps, losses, $"run {i}", new RandomSource((ulong)(options.Seed * 1000 + i)), over.Token))),
                .. Enumerable.Range(0, options.Chats).Select(i => Task.Run(() => ChatAsync(model, lanes, tokens, $"chat {i}", new RandomSource((ulong)(options.Seed * 1000 + 500 + i)), over.Token))),
            ];
            var random = new RandomSource((ulong)options.Seed);
            while (!Task.WaitAll(clients, TimeSpan.FromMilliseconds(20 + random.Next(400))))
            {
                model.Executor.Policy = (BatchingPolicy)random.Next(3);
                _tally.MostInFlight = Math.Max(_tally.MostInFlight, steps.InFlight);
                if (Silent() is not { } silent) continue;
                // Whoever hangs holds lanes and layers: nothing can be freed any more.
                _tally.Fail($"No progress for {options.Silence.TotalSeconds:0} s: {silent}; {model.Executor.WaitingLeaders} leaders wait, {steps.InFlight} steps are in flight, {steps.Waiting} wait.");
                return _tally;
            }
            if (steps.InFlight + steps.Waiting > 0) _tally.Fail($"{steps.InFlight} steps are in flight and {steps.Waiting} wait though all clients have left.");
        }
        if (model.Executor.Counters.Clients.Count > 0) _tally.Fail($"{model.Executor.Counters.Clients.Count} clients are still attached.");
        _tally.SharedCalls = model.Executor.Counters.SharedCalls;
        if (TensorCount() - before is not 0 and var left) _tally.Fail($"{left} tensors are left.");
        return _tally;
    }

    private static (double[][] Losses, int[][] Tokens) Alone(BaseModel model)
    {
        // As a lane among others: sums on more threads have other last bits, which six steps of Adam make larger.
        int threads = get_num_threads();
        set_num_threads(1);
        var losses = Enumerable.Range(0, DifferentRuns).Select(which =>
        {
            using var run = new SoakRun(model, (ulong)which, "alone");
            while (!run.IsDone) run.Step();
            return run.Losses.ToArray();
        }).ToArray();
        var tokens = Enumerable.Range(0, DifferentChats).Select(which =>
        {
            using var chat = new SoakChat(model, (ulong)which, "alone");
            for (int i = 0; i < AnswerTokens; i++) chat.Next();
            return chat.Tokens.ToArray();
        }).ToArray();
        set_num_threads(threads);
        return (losses, tokens);
    }

    private async Task TrainAsync(BaseModel model, StepScheduler steps, double[][] expected, string name, RandomSource random, CancellationToken over)
    {
        try
        {
            while (!over.IsCancellationRequested)
            {
                Progress(name, "starts");
                int which = random.Next(expected.Length);
                switch (random.Next(8))
                {
                    case 0:
                        await FailAsync(model, steps, (ulong)which, name, random).ConfigureAwait(false);
                        break;
                    case 1:
                        await SpoilAsync(model, steps, (ulong)which, name).ConfigureAwait(false);
                        break;
                    default:
                        await LiveAsync(model, steps, (ulong)which, expected[which], name, random, over).ConfigureAwait(false);
                        break;
                }
            }
        }
        catch (Exception error)
        {
            _tally.Fail($"{name}: {error.GetType().Name}: {error.Message}");
        }
    }

    private async Task LiveAsync(BaseModel model, StepScheduler steps, ulong which, double[] expected, string name, RandomSource random, CancellationToken over)
    {
        using var run = new SoakRun(model, which, name);
        while (!run.IsDone)
        {
            if (over.IsCancellationRequested) return;
            Progress(name, $"step {run.Losses.Count + 1} of run {which}");
            switch (random.Next(16))
            {
                case 0:
                    await Task.Delay(random.Next(50), CancellationToken.None).ConfigureAwait(false);
                    break;
                case 1 or 2:
                    if (await TryStepAsync(run, steps, TimeSpan.FromMilliseconds(random.Next(30))).ConfigureAwait(false)) _tally.Step();
                    else _tally.Abandon();
                    break;
                case 3 when random.Next(6) == 0:
                    await TryStepAsync(run, steps, TimeSpan.FromMilliseconds(random.Next(15))).ConfigureAwait(false);
                    _tally.Kill();
                    return;
                default:
                    await TryStepAsync(run, steps, Timeout.InfiniteTimeSpan).ConfigureAwait(false);
                    _tally.Step();
                    break;
            }
        }
        for (int i = 0; i < expected.Length; i++)
        {
            if (Math.Abs(run.Losses[i] / expected[i] - 1) <= Tolerance) continue;
            _tally.Fail(string.Create(CultureInfo.InvariantCulture, $"Run {which} lost {run.Losses[i]:R} in step {i + 1}; alone it loses {expected[i]:R}."));
            return;
        }
        _tally.Finish();
    }

    // A client whose own code throws in the middle of a step, and who then calls with shapes that do not fit.
    private async Task FailAsync(BaseModel model, StepScheduler steps, ulong which, string name, RandomSource random)
    {
        using var run = new SoakRun(model, which, name, door => new FaultyLayers(door, random.Next(CallsOfAForward)));
        try
        {
            await TryStepAsync(run, steps, Timeout.InfiniteTimeSpan).ConfigureAwait(false);
            _tally.Fail($"{name}: a step went on after its client had failed.");
        }
        catch (FaultyLayers.Fault)
        {
            _tally.Fault();
        }
        try
        {
            await steps.RunAsync(run.Demand, () =>
            {
                using var rows = zeros(3, model.Config.Hidden + 1);
                using var pass = run.Layers.BeginPass(PassKind.Training);
                run.Layers.Forward(new LayerId(0, BaseProjection.Down), rows).Dispose();
                return true;
            }).ConfigureAwait(false);
            _tally.Fail($"{name}: rows of a wrong width were taken.");
        }
        catch (ArgumentException)
        {
            _tally.Fault();
        }
    }

    // Values that are no numbers travel through shared products and end their own run only.
    private async Task SpoilAsync(BaseModel model, StepScheduler steps, ulong which, string name)
    {
        using var run = new SoakRun(model, which, name);
        run.Spoil();
        try
        {
            await TryStepAsync(run, steps, Timeout.InfiniteTimeSpan).ConfigureAwait(false);
            _tally.Fail($"{name}: a step with values that are no numbers was taken.");
        }
        catch (NotFiniteNumberException)
        {
            _tally.Fault();
        }
    }

    private async Task ChatAsync(BaseModel model, ComputeLanePool lanes, int[][] expected, string name, RandomSource random, CancellationToken over)
    {
        try
        {
            while (!over.IsCancellationRequested)
            {
                int which = random.Next(expected.Length);
                using var chat = new SoakChat(model, (ulong)which, name);
                bool leaves = random.Next(6) == 0;
                for (int i = 0; i < AnswerTokens; i++)
                {
                    Progress(name, $"token {i + 1} of chat {which}");
                    await lanes.RunAsync(LanePriority.Interactive, () => chat.Next(), CancellationToken.None).ConfigureAwait(false);
                    if (leaves && random.Next(AnswerTokens) == 0) break;
                    // A person reads between two answers; training would hardly run otherwise.
                    await Task.Delay(random.Next(4), CancellationToken.None).ConfigureAwait(false);
                }
                if (chat.Tokens.Count < AnswerTokens) _tally.Kill();
                else if (chat.Tokens.SequenceEqual(expected[which])) _tally.Answer();
                else _tally.Fail($"Chat {which} said [{string.Join(", ", chat.Tokens)}]; alone it says [{string.Join(", ", expected[which])}].");
                await Task.Delay(random.Next(60), CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception error)
        {
            _tally.Fail($"{name}: {error.GetType().Name}: {error.Message}");
        }
        finally
        {
            Progress(name, "has left", gone: true);
        }
    }

    // False where the step was abandoned, or its turn did not come in time.
    private static async Task<bool> TryStepAsync(SoakRun run, StepScheduler steps, TimeSpan limit)
    {
        using var stop = new CancellationTokenSource(limit);
        try
        {
            return await steps.RunAsync(run.Demand, () =>
            {
                run.Step(stop.Token);
                return true;
            }, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Progress(string name, string doing, bool gone = false)
    {
        lock (_progress)
        {
            if (gone) _progress.Remove(name);
            else _progress[name] = (Stopwatch.GetTimestamp(), doing);
        }
    }

    private string? Silent()
    {
        lock (_progress)
        {
            var silent = _progress.Where(client => Stopwatch.GetElapsedTime(client.Value.At) > options.Silence).Select(client => $"{client.Key} ({client.Value.Doing})").ToList();
            return silent.Count == 0 ? null : string.Join(", ", silent);
        }
    }

    private static long TensorCount()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }
}

using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Data;
using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Core.Training;

/// <summary>What one optimizer step did.</summary>
/// <param name="Step">1-based step.</param>
/// <param name="Loss">Cross entropy over the step's trained tokens.</param>
/// <param name="LearningRate">Learning rate of the step.</param>
/// <param name="GradientNorm">Global gradient norm before clipping.</param>
/// <param name="Epoch">Passes over the data so far, with fraction.</param>
/// <param name="Tokens">Tokens of this step that went through the model, prompts included.</param>
/// <param name="TokensSeen">The same summed since the first step.</param>
public sealed record StepReport(int Step, LossSum Loss, double LearningRate, double GradientNorm, double Epoch, long Tokens, long TokensSeen);

/// <summary>
/// Fine-tunes one adapter. Each call of <see cref="RunStep"/> is one optimizer step from data to updated values: synchronous, on one thread, and
/// between calls it holds adapter values and moments only. All randomness is the run's own, so that its losses do not depend on its company.
/// </summary>
public sealed class FineTuneLoop : IDisposable
{
    private readonly IBaseLayers _layers;
    private readonly AdapterInstance _instance;
    private readonly TrainingData _data;
    private readonly TrainingSettings _settings;
    private readonly BatchPlan _plan;
    private readonly Generator _random;
    private readonly SampleLoss _loss;
    private readonly FlatAdamW _optimizer;
    private readonly LearningRateSchedule _schedule;
    private EpochSampler _sampler;
    private long _tokensSeen;

    /// <summary>Prepares a run at its first step.</summary>
    /// <param name="model">The forward.</param>
    /// <param name="layers">This client's door to the base; disposed with the loop.</param>
    /// <param name="instance">The adapter; chats may read it meanwhile. Stays with the caller.</param>
    /// <param name="data">What to train on.</param>
    /// <param name="settings">How to train.</param>
    public FineTuneLoop(DecoderModel model, IBaseLayers layers, AdapterInstance instance, TrainingData data, TrainingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(settings);
        _layers = layers;
        _instance = instance;
        _data = data;
        _settings = settings;
        var seeds = new RandomSource((ulong)settings.Seed);
        _plan = BatchPlan.BySamples(settings.BatchSize);
        _sampler = new EpochSampler(data.Train, _plan, seeds.NextUInt64());
        _random = new Generator(seeds.NextUInt64(), model.Device);
        _loss = new SampleLoss(model, layers, checkpoints: settings.ActivationCheckpointing);
        _optimizer = new FlatAdamW(new AdamWOptions { WeightDecay = settings.WeightDecay });
        _schedule = new LearningRateSchedule(settings.Schedule, settings.LearningRate, data.Plan.TotalSteps, settings.WarmupRatio);
    }

    /// <summary>Optimizer steps taken.</summary>
    public int Step { get; private set; }

    /// <summary>Optimizer steps of the run.</summary>
    public int TotalSteps => _data.Plan.TotalSteps;

    /// <summary>Whether all steps are taken.</summary>
    public bool IsDone => Step >= TotalSteps;

    /// <summary>Passes over the data so far, with fraction.</summary>
    public double Epoch => (double)Step / _data.Plan.StepsPerEpoch;

    /// <summary>Whether the held-out loss is wanted at this point: before the first step, at the interval, and after the last step.</summary>
    public bool IsEvaluationDue =>
        _data.HeldOut.Count > 0 && (Step == 0 || IsDone || (_settings.EvalEverySteps > 0 && Step % _settings.EvalEverySteps == 0));

    /// <summary>
    /// Takes one optimizer step, or none: where it ends by an exception, from the base or any other, the adapter, its moments, the generator and the place in the
    /// data are as before it, so that the same step can be taken again.
    /// </summary>
    /// <param name="ct">Abandons the step at its next base call. Once the update has begun it completes.</param>
    /// <exception cref="InvalidOperationException">All steps are taken.</exception>
    /// <exception cref="NotFiniteNumberException">The loss or its gradient is not a finite number.</exception>
    /// <exception cref="OperationCanceledException">The step was abandoned.</exception>
    public StepReport RunStep(CancellationToken ct = default)
    {
        if (IsDone) throw new InvalidOperationException($"All {TotalSteps} steps are taken.");
        using var scope = NewDisposeScope();
        var adapter = _instance.Adapter;
        var parameters = adapter.Parameters;
        var (place, random) = (_sampler.State, _random.get_state());
        bool taken = false;
        try
        {
            var batches = NextBatches();
            long stepTokens = batches.Sum(batch => SampleLoss.TrainedTokens(batch.Samples, adapter));
            var loss = default(LossSum);
            foreach (var batch in batches)
            {
                loss += _loss.Backpropagate(batch.Samples, adapter, _random, stepTokens, 1.0 / batches.Count, ct);
                parameters.CollectGradients();
            }
            RequireFinite(loss.Mean, "loss");

            var at = new AdapterStep(Step + 1, TotalSteps, _schedule.At(Step));
            // What can fail fails here: from the first change of a value on, the step completes.
            RequireFinite(GradientClipping.GlobalNorm(parameters), "gradient norm");
            parameters.CreateMoments();
            double norm;
            using (_instance.Write())
            {
                adapter.AfterBackward(at);
                norm = GradientClipping.ClipGlobalNorm(parameters, _settings.MaxGradientNorm);
                _optimizer.Step(parameters, at.LearningRate);
                adapter.AfterStep(at);
            }

            taken = true;
            Step++;
            long tokens = batches.Sum(batch => (long)batch.Tokens);
            _tokensSeen += tokens;
            return new StepReport(Step, loss, at.LearningRate, norm, Epoch, tokens, _tokensSeen);
        }
        finally
        {
            parameters.ReleaseGradients();
            if (!taken)
            {
                _sampler = new EpochSampler(_data.Train, _plan, place);
                _random.set_state(random);
            }
        }
    }

    /// <summary>Mean loss over the held-out samples, without dropout. Draws no random numbers, so it does not change the training.</summary>
    public LossSum Evaluate(CancellationToken ct = default) =>
        _data.HeldOut.Chunk(_settings.BatchSize).Aggregate(default(LossSum), (sum, batch) => sum + _loss.Measure(batch, _instance.Adapter, ct));

    /// <summary>Detaches from the base and frees the generator. The adapter stays with its owner.</summary>
    public void Dispose()
    {
        _layers.Dispose();
        _random.Dispose();
    }

    // As many micro-batches as the accumulation asks for; an epoch's last step takes what is left of it.
    private List<MicroBatch> NextBatches()
    {
        var batches = new List<MicroBatch>();
        while (batches.Count < _settings.GradientAccumulation)
        {
            batches.Add(_sampler.Next());
            if (batches[^1].EndsEpoch) break;
        }
        return batches;
    }

    private void RequireFinite(double value, string what)
    {
        if (!double.IsFinite(value))
            throw new NotFiniteNumberException(
                $"The {what} of step {Step + 1} is {value}: the training has diverged. Lower the learning rate ({_settings.LearningRate.ToString(System.Globalization.CultureInfo.InvariantCulture)}).", value);
    }
}

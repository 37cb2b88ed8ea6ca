using Studio.Core.Clients;
using Studio.Core.Data;
using Studio.Core.Execution;
using Studio.Core.Runs.Admission;
using Studio.Core.Storage;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;
using Studio.Core.Training;

namespace Studio.Core.Runs;

/// <summary>What a started run holds in memory: its loop, its adapter and its place at the base. Reports it to registry and ledger.</summary>
internal sealed class RunSession
{
    private readonly RunServices _services;
    private readonly RunRecord _record;
    private readonly StepMeter _meter;
    private readonly StepDemand _demand;
    private readonly Func<long, MemoryForecast> _memoryWith; // of a step's tokens
    private long _measuredStep;

    private RunSession(RunServices services, StepMeter meter, RunRecord record, RunRequest request, RunBase model, TrainingData data, IAdapterLease lease)
    {
        _services = services;
        _meter = meter;
        _record = record;
        Lease = lease;
        Data = data;
        var settings = request.Training;
        var layers = model.Model.Attach(new ClientOptions { Name = record.Name, Goal = PerformanceGoal.Throughput, Share = settings.Share, Device = model.Model.ClientDevice });
        Loop = new FineTuneLoop(model.Model.ClientModel(), layers, lease.Instance, data, settings);
        var lengths = RowLengths.Of(data.Train);
        Memory = RunChecks.MemoryOf(model, request, lengths);
        _memoryWith = tokens => RunChecks.MemoryOf(model, request, new StepShape(tokens / settings.GradientAccumulation, Math.Min(tokens, settings.MaxLength)));
        _demand = new StepDemand(record.Id, data.Train.Sum(sample => (long)sample.Length) * settings.BatchSize * settings.GradientAccumulation / data.Train.Count,
            (int)Math.Min(RunChecks.ShapeOf(request, lengths).Tokens, int.MaxValue), Memory.Step, settings.Share);
    }

    /// <summary>The training.</summary>
    public FineTuneLoop Loop { get; }

    /// <summary>The adapter.</summary>
    public IAdapterLease Lease { get; }

    /// <summary>The data.</summary>
    public TrainingData Data { get; }

    /// <summary>Bytes of adapter values, moments and gradients held at the last report.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>What the run takes by calculation from the rows it trains on.</summary>
    public MemoryForecast Memory { get; }

    /// <summary>What it was measured to take at most; null before the first step that took long enough.</summary>
    public long? MeasuredBytes => Volatile.Read(ref _measuredStep) is > 0 and var step ? Memory.Held + step : null;

    /// <summary>Step of the last evaluation, -1 before the first.</summary>
    public int EvaluatedAt { get; set; } = -1;

    private FlatParameters Parameters => Lease.Instance.Adapter.Parameters;

    /// <summary>Encodes the data, then creates the adapter and attaches to the base.</summary>
    /// <param name="services">What runs share.</param>
    /// <param name="meter">Measures its steps.</param>
    /// <param name="record">The run.</param>
    /// <param name="request">Its settings.</param>
    /// <param name="ct">Cancels the preparation of the data; afterwards it completes.</param>
    /// <exception cref="StudioException">Model or data set are gone, or there is nothing to train on.</exception>
    public static async Task<RunSession> PrepareAsync(RunServices services, StepMeter meter, RunRecord record, RunRequest request, CancellationToken ct)
    {
        var model = services.Environment.FindModel(request.ModelId)
            ?? throw new StudioException($"The base model '{request.ModelId}' is not loaded any more.");
        var rows = await services.Environment.ReadRowsAsync(request.DatasetId, ct).ConfigureAwait(false);
        var data = await Task.Run(() => TrainingData.Build(rows, new RowRenderer(model.Encoder), request.Training, (ulong)request.Training.Seed, ct), ct).ConfigureAwait(false);
        var lease = await services.Environment.CreateAdapterAsync(
            new RunAdapter
            {
                Id = record.AdapterId,
                Name = record.Name,
                RunId = record.Id,
                ModelId = request.ModelId,
                DatasetId = request.DatasetId,
                Spec = request.Adapter,
                Seed = request.Training.Seed,
            },
            CancellationToken.None).ConfigureAwait(false);
        return new RunSession(services, meter, record, request, model, data, lease);
    }

    /// <summary>Takes a step when its turn has come; what it leaves needs no memory where the adapter's state lies in files.</summary>
    /// <param name="ct">Cancels the wait for the turn.</param>
    /// <param name="abandoned">Ends a step that has begun, as if it had never been.</param>
    public Task<StepReport> StepAsync(CancellationToken ct, CancellationToken abandoned) =>
        _services.Steps.RunAsync(_demand, () => InFlight(() => StepAndPark(abandoned), report => report.Tokens), ct);

    /// <summary>Measures the held-out loss when its turn has come.</summary>
    /// <param name="ct">Cancels it, at the latest between two base calls.</param>
    public Task<LossSum> EvaluateAsync(CancellationToken ct) =>
        _services.Steps.RunAsync(_demand with { Tokens = Data.HeldOut.Sum(sample => (long)sample.Length) }, () => InFlight(() => Loop.Evaluate(ct), tokens: null), ct);

    /// <summary>Tells registry and ledger what the run holds. Gradients are accounted to the step in flight.</summary>
    /// <param name="training">Whether it takes steps: then it holds gradients too.</param>
    public void Report(bool training)
    {
        var (values, moments, gradients) = (Parameters.ValueBytes, Parameters.MomentBytes, training ? Parameters.ValueBytes : 0);
        HeldBytes = values + moments + gradients;
        _services.Clients.Report(new ClientState(_record.Id, ClientKind.Run, _record.Name, _record.BaseModelId, values, moments, gradients, CacheBytes: 0));
        // The values are accounted to the adapter itself: chats may hold it beyond the run.
        _services.Memory.Set(_record.Id, MemoryCategory.Moments, moments);
    }

    /// <summary>Detaches from the base and frees everything but the adapter's values, which may serve on.</summary>
    public async Task ReleaseAsync()
    {
        await _services.Lanes.RunAsync(LanePriority.Interactive, () =>
        {
            Loop.Dispose();
            using (Lease.Instance.Write()) Parameters.ReleaseMoments();
        }).ConfigureAwait(false);
        await Lease.DisposeAsync().ConfigureAwait(false);
        HeldBytes = 0;
        _services.Steps.Forget(_record.Id);
        _services.Clients.Remove(_record.Id);
        _services.Memory.Release(_record.Id);
        _meter.Settle();
    }

    private StepReport StepAndPark(CancellationToken abandoned)
    {
        try
        {
            return Loop.RunStep(abandoned);
        }
        finally
        {
            Parameters.Park();
        }
    }

    // Steps are measured, which say how many tokens they took; evaluations are not.
    private T InFlight<T>(Func<T> work, Func<T, long>? tokens)
    {
        // The first step makes the moments, which the ledger knows only afterwards.
        long made = Loop.Step == 0 ? Memory.Moments : 0;
        _services.Memory.Set(_record.Id, MemoryCategory.Activations, Memory.Step);
        var step = tokens is null ? null : _meter.Begin(_record.BaseModelId, Memory.Step + made);
        try
        {
            var result = work();
            if (step is not null) step.Own = _memoryWith(tokens!(result)).Step + made;
            return result;
        }
        finally
        {
            step?.Dispose();
            if (step?.Bytes is { } bytes) Volatile.Write(ref _measuredStep, Math.Max(_measuredStep, bytes - made));
            _services.Memory.Set(_record.Id, MemoryCategory.Activations, 0);
        }
    }
}

using Studio.Core.Clients;
using Studio.Core.Data;
using Studio.Core.Execution;
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
    private readonly long _stepBytes;

    private RunSession(RunServices services, RunRecord record, RunBase model, TrainingData data, IAdapterLease lease, TrainingSettings settings)
    {
        _services = services;
        _record = record;
        Lease = lease;
        Data = data;
        var layers = model.Model.Executor.Attach(new ClientOptions { Name = record.Name, Goal = PerformanceGoal.Throughput });
        Loop = new FineTuneLoop(model.Model.Model, layers, lease.Instance, data, settings);
        long rows = data.Train.Sum(sample => (long)sample.Length) * Math.Min(settings.BatchSize, data.Train.Count) / data.Train.Count;
        _stepBytes = StepMemory.Bytes(model.Model.Config, model.Model.ComputeType, rows, settings.ActivationCheckpointing);
    }

    /// <summary>The training.</summary>
    public FineTuneLoop Loop { get; }

    /// <summary>The adapter.</summary>
    public IAdapterLease Lease { get; }

    /// <summary>The data.</summary>
    public TrainingData Data { get; }

    /// <summary>Bytes of adapter values, moments and gradients held at the last report.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>Step of the last evaluation, -1 before the first.</summary>
    public int EvaluatedAt { get; set; } = -1;

    private FlatParameters Parameters => Lease.Instance.Adapter.Parameters;

    /// <summary>Encodes the data, then creates the adapter and attaches to the base.</summary>
    /// <param name="services">What runs share.</param>
    /// <param name="record">The run.</param>
    /// <param name="request">Its settings.</param>
    /// <param name="ct">Cancels the preparation of the data; afterwards it completes.</param>
    /// <exception cref="StudioException">Model or data set are gone, or there is nothing to train on.</exception>
    public static async Task<RunSession> PrepareAsync(RunServices services, RunRecord record, RunRequest request, CancellationToken ct)
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
        return new RunSession(services, record, model, data, lease, request.Training);
    }

    /// <summary>Takes a step on a rented lane; what it leaves needs no memory where the adapter's state lies in files.</summary>
    /// <param name="ct">Cancels the wait for a lane.</param>
    /// <param name="abandoned">Ends a step that has begun, as if it had never been.</param>
    public Task<StepReport> StepAsync(CancellationToken ct, CancellationToken abandoned) =>
        _services.Lanes.RunAsync(LanePriority.Training, () => InFlight(() => StepAndPark(abandoned)), ct);

    /// <summary>Measures the held-out loss on a rented lane.</summary>
    /// <param name="ct">Cancels it between two base calls.</param>
    public Task<LossSum> EvaluateAsync(CancellationToken ct) => _services.Lanes.RunAsync(LanePriority.Training, () => InFlight(() => Loop.Evaluate(ct)), ct);

    /// <summary>Tells registry and ledger what the run holds.</summary>
    /// <param name="training">Whether it takes steps: then it holds gradients too.</param>
    public void Report(bool training)
    {
        var (values, moments, gradients) = (Parameters.ValueBytes, Parameters.MomentBytes, training ? Parameters.ValueBytes : 0);
        HeldBytes = values + moments + gradients;
        _services.Clients.Report(new ClientState(_record.Id, ClientKind.Run, _record.Name, _record.BaseModelId, values, moments, gradients, CacheBytes: 0));
        // The values are accounted to the adapter itself: chats may hold it beyond the run.
        _services.Memory.Set(_record.Id, MemoryCategory.Adapter, gradients);
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
        _services.Clients.Remove(_record.Id);
        _services.Memory.Release(_record.Id);
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

    private T InFlight<T>(Func<T> work)
    {
        _services.Memory.Set(_record.Id, MemoryCategory.Activations, _stepBytes);
        try
        {
            return work();
        }
        finally
        {
            _services.Memory.Set(_record.Id, MemoryCategory.Activations, 0);
        }
    }
}

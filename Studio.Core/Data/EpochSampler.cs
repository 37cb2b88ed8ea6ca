namespace Studio.Core.Data;

/// <summary>Where a run stands in its data; plain values, to be saved with a checkpoint.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Position">How many batches of the epoch are done.</param>
/// <param name="Random">The generator as it was when the epoch began.</param>
public sealed record SamplerState(int Epoch, int Position, RandomState Random);

/// <summary>A micro-batch with its place.</summary>
/// <param name="Samples">The samples.</param>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="EndsEpoch">Whether it is the last of its epoch.</param>
public sealed record MicroBatch(IReadOnlyList<TrainingSample> Samples, int Epoch, bool EndsEpoch)
{
    /// <summary>The length of all samples in tokens.</summary>
    public int Tokens => Samples.Sum(sample => sample.Length);
}

/// <summary>
/// Gives a run its micro-batches without end, every epoch in a new random order that depends on the seed alone. A sampler made from a saved
/// state, the same samples and the same plan continues exactly. Not for concurrent use.
/// </summary>
public sealed class EpochSampler
{
    private readonly IReadOnlyList<TrainingSample> _samples;
    private readonly BatchPlan _plan;
    private readonly RandomSource _random;
    private RandomState _epochStart;
    private PackedBlock[] _batches = [];
    private int _position;

    /// <summary>Starts at the first epoch.</summary>
    /// <exception cref="ArgumentException">There are no samples, or one is longer than a batch.</exception>
    public EpochSampler(IReadOnlyList<TrainingSample> samples, BatchPlan plan, ulong seed)
        : this(samples, plan, new SamplerState(0, 0, new RandomSource(seed).State))
    {
    }

    /// <summary>Continues from a saved state.</summary>
    /// <exception cref="ArgumentException">There are no samples, one is longer than a batch, or the state does not fit them.</exception>
    public EpochSampler(IReadOnlyList<TrainingSample> samples, BatchPlan plan, SamplerState state)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(state);
        if (samples.Count == 0) throw new ArgumentException("There are no samples to train on.", nameof(samples));
        _samples = samples;
        _plan = plan;
        _random = new RandomSource(state.Random);
        Epoch = state.Epoch;
        BeginEpoch();
        if (state.Epoch < 0 || state.Position < 0 || state.Position >= _batches.Length)
            throw new ArgumentException(
                $"The saved place (epoch {state.Epoch}, batch {state.Position}) is outside of these {samples.Count} samples " +
                $"({_batches.Length} batches an epoch): the dataset or the batch size has changed.", nameof(state));
        _position = state.Position;
    }

    /// <summary>The epoch of the next batch, from 0.</summary>
    public int Epoch { get; private set; }

    /// <summary>How many batches the current epoch has; with batches by tokens, epochs may differ a little.</summary>
    public int BatchesInEpoch => _batches.Length;

    /// <summary>The place before the next batch.</summary>
    public SamplerState State => new(Epoch, _position, _epochStart);

    /// <summary>The next micro-batch; after the last of an epoch the next epoch begins.</summary>
    public MicroBatch Next()
    {
        var ends = _position + 1 == _batches.Length;
        var batch = new MicroBatch(_batches[_position++].Samples, Epoch, ends);
        if (ends)
        {
            Epoch++;
            BeginEpoch();
        }

        return batch;
    }

    private void BeginEpoch()
    {
        _epochStart = _random.State;
        var order = _samples.ToArray();
        _random.Shuffle(order.AsSpan());
        _batches = [.. _plan.Cut(order)];
        // Packing sorts by length within its window; the run should not see it.
        if (_plan.Tokens is not null) _random.Shuffle(_batches.AsSpan());
        _position = 0;
    }
}

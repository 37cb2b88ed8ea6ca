using static TorchSharp.torch;

namespace Studio.Core.Adapters;

/// <summary>
/// One forward of one adapter: whether it trains, its randomness, and the tensors it derived once for several places. The state is the
/// pass's, not the adapter's, so that an adapter can train and answer chats at the same time.
/// </summary>
public sealed class AdapterPass
{
    private readonly Dictionary<string, Tensor> _shared = new(StringComparer.Ordinal);
    private readonly Func<Tensor, Tensor> _cut;
    private readonly Generator? _random;
    private Dictionary<IAdapter, AdapterPass>? _members;

    /// <summary>Creates the state of a pass.</summary>
    /// <param name="training">Whether dropout and the like act.</param>
    /// <param name="random">The client's own generator; required in training.</param>
    /// <param name="cut">How the context cuts a tensor that several segments use.</param>
    public AdapterPass(bool training, Generator? random, Func<Tensor, Tensor> cut)
    {
        if (training && random is null) throw new ArgumentException("A training pass needs the client's random generator.", nameof(random));
        Training = training;
        _random = random;
        _cut = cut;
    }

    /// <summary>Whether dropout and the like act.</summary>
    public bool Training { get; }

    /// <summary>The client's own generator; every draw comes from it.</summary>
    /// <exception cref="InvalidOperationException">The pass has none.</exception>
    public Generator Random => _random ?? throw new InvalidOperationException("This pass draws no random numbers.");

    /// <summary>
    /// Keeps a derived tensor under a name, cut where it is made so that every segment that uses it adds to one gradient. For <see cref="IAdapter.BeginPass"/>: what a block
    /// derives may be derived again, when it runs again for its backward.
    /// </summary>
    public Tensor Share(string name, Tensor derived) => _shared[name] = _cut(derived);

    /// <summary>The state of one adapter of several that share this pass: names that it keeps are its own.</summary>
    public AdapterPass Of(IAdapter member)
    {
        _members ??= new Dictionary<IAdapter, AdapterPass>(ReferenceEqualityComparer.Instance);
        if (!_members.TryGetValue(member, out var own)) _members[member] = own = new AdapterPass(Training, _random, _cut);
        return own;
    }

    /// <summary>A tensor kept by <see cref="Share"/>.</summary>
    public Tensor Shared(string name) => _shared[name];

    /// <summary>Inverted dropout with a mask from the client's generator; x unchanged outside training or for p = 0.</summary>
    public Tensor Dropout(Tensor x, double p)
    {
        if (!Training || p <= 0) return x;
        Tensor mask;
        using (no_grad()) mask = empty_like(x).bernoulli_(1 - p, Random).div_(1 - p);
        return x * mask;
    }
}

/// <summary>Where a training run stands, for hooks after the backward and after the optimizer step.</summary>
/// <param name="Step">1-based optimizer step.</param>
/// <param name="TotalSteps">Steps of the run.</param>
/// <param name="LearningRate">Learning rate of this step.</param>
public readonly record struct AdapterStep(long Step, long TotalSteps, double LearningRate);

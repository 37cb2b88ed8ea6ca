using static TorchSharp.torch;

namespace Studio.Core.Tensors;

/// <summary>Name and shape of one tensor in a flat buffer.</summary>
/// <param name="Name">Its name, unique in the buffer.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="LearningRateScale">Factor on the learning rate of a step, for methods whose tensors learn at different rates (LoRA+).</param>
public readonly record struct FlatEntry(string Name, long[] Shape, double LearningRateScale = 1)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);
}

/// <summary>Neighbouring tensors of a flat buffer that learn at the same rate.</summary>
/// <param name="Offset">First element.</param>
/// <param name="Count">Elements.</param>
/// <param name="LearningRateScale">Factor on the learning rate.</param>
public readonly record struct FlatGroup(long Offset, long Count, double LearningRateScale);

/// <summary>
/// The trainable tensors of one adapter in flat fp32 buffers: values, gradients and both Adam moments, 16 bytes an element while training
/// and 4 while serving. Each tensor is a leaf that views the value buffer, so that one fused call updates all of them. Values and moments may lie in files, so that
/// between steps they need no memory (<see cref="Park"/>).
/// </summary>
public sealed class FlatParameters : IDisposable
{
    private readonly List<(FlatEntry Entry, long Offset, Tensor View)> _entries = [];
    private readonly Dictionary<string, int> _index = new(StringComparer.Ordinal);
    private readonly Func<string>? _newFile;
    private readonly FileTensor? _valueFile;
    private readonly Tensor _values;
    private FileTensor? _momentFile;
    private Tensor? _gradients;
    private Tensor? _firstMoments;
    private Tensor? _secondMoments;
    private long _updates;

    /// <summary>Allocates zeroed values for the entries.</summary>
    /// <param name="entries">The tensors in buffer order.</param>
    /// <param name="device">Where they live.</param>
    /// <param name="type">fp32; fp64 for comparisons with finite differences.</param>
    /// <param name="newFile">Gives paths of files for values and, later, moments, which this object makes and deletes; null = in memory. On the CPU alone.</param>
    /// <exception cref="ArgumentException">No entry, or two of one name.</exception>
    /// <exception cref="IOException">There is no room for the values' file; the message names it.</exception>
    public FlatParameters(IReadOnlyList<FlatEntry> entries, Device device, ScalarType type = ScalarType.Float32, Func<string>? newFile = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(entries);
        if (entries.Count == 0) throw new ArgumentException("An adapter needs at least one trainable tensor.", nameof(entries));
        using var scope = NewDisposeScope();
        for (int i = 0; i < entries.Count; i++)
            if (!_index.TryAdd(entries[i].Name, i)) throw new ArgumentException($"Tensor '{entries[i].Name}' is declared twice.", nameof(entries));
        Count = entries.Sum(entry => entry.Count);
        if (device.type == TorchSharp.DeviceType.CPU && Count > 0) _newFile = newFile;
        _valueFile = _newFile is null ? null : new FileTensor(_newFile(), Count, type);
        _values = _valueFile?.Values ?? zeros(Count, dtype: type, device: device).Owned();
        long offset = 0;
        foreach (var entry in entries)
        {
            var view = _values.narrow(0, offset, entry.Count).view(entry.Shape).Owned();
            view.requires_grad = true;
            _entries.Add((entry, offset, view));
            offset += entry.Count;
        }
        Groups = GroupsOf(entries);
    }

    /// <summary>Number of trainable elements.</summary>
    public long Count { get; }

    /// <summary>Stretches of the buffers that learn at one rate, in buffer order.</summary>
    public IReadOnlyList<FlatGroup> Groups { get; }

    /// <summary>Type of the values.</summary>
    public ScalarType Type => _values.dtype;

    /// <summary>Bytes of values.</summary>
    public long ValueBytes => Count * _values.ElementSize;

    /// <summary>Bytes of both moments, 0 before the first optimizer step.</summary>
    public long MomentBytes => _firstMoments is null ? 0 : 2 * ValueBytes;

    /// <summary>Bytes of the gradient buffer, 0 outside a step.</summary>
    public long GradientBytes => _gradients is null ? 0 : ValueBytes;

    /// <summary>A number that is another one after every change of values in place, for what is derived from them.</summary>
    public long Version => ScriptKernels.Version(_values) + Interlocked.Read(ref _updates);

    /// <summary>The entries in buffer order.</summary>
    public IEnumerable<FlatEntry> Entries => _entries.Select(entry => entry.Entry);

    /// <summary>All values, [Count] fp32.</summary>
    public Tensor Values => _values;

    /// <summary>All gradients, [Count] fp32; only between <see cref="CollectGradients"/> and <see cref="ReleaseGradients"/>.</summary>
    public Tensor Gradients => _gradients ?? throw new InvalidOperationException("There are no gradients: no backward pass has been collected.");

    /// <summary>First moments, [Count] fp32, created on first use.</summary>
    public Tensor FirstMoments => Moments().First;

    /// <summary>Second moments, [Count] fp32, created on first use.</summary>
    public Tensor SecondMoments => Moments().Second;

    /// <summary>Creates both moments where there are none: for who must know before a change that there is room for them.</summary>
    /// <exception cref="IOException">There is no room for their file; the message names it.</exception>
    public void CreateMoments() => Moments();

    /// <summary>Gives the memory of what lies in files back to the system; the next use finds everything as it was. Others may read meanwhile.</summary>
    public void Park()
    {
        _valueFile?.Park();
        _momentFile?.Park();
    }

    /// <summary>The leaf of one tensor, a view of <see cref="Values"/>. Owned by this object.</summary>
    /// <exception cref="KeyNotFoundException">No such tensor.</exception>
    public Tensor this[string name] => _index.TryGetValue(name, out int i)
        ? _entries[i].View
        : throw new KeyNotFoundException($"The adapter has no tensor '{name}'.");

    /// <summary>The part of <paramref name="flat"/> (values, gradients or a moment) that belongs to one tensor, as a new view in its shape.</summary>
    public Tensor Slice(Tensor flat, string name)
    {
        var (entry, offset, _) = _entries[_index[name]];
        using var part = flat.narrow(0, offset, entry.Count);
        return part.view(entry.Shape);
    }

    /// <summary>Says that values were changed by a kernel that does not count its changes (the fused optimizer).</summary>
    public void Touch() => Interlocked.Increment(ref _updates);

    /// <summary>Adds to the flat gradient of one tensor: for derivatives that are written out rather than recorded.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="gradient">In its shape, of any floating type.</param>
    /// <param name="factor">Factor on it.</param>
    /// <exception cref="KeyNotFoundException">No such tensor.</exception>
    public void AddGradient(string name, Tensor gradient, double factor = 1)
    {
        _gradients ??= zeros_like(_values).Owned();
        using var part = Slice(_gradients, name);
        using var sum = part.add_(gradient, factor);
    }

    /// <summary>Adds the leaves' gradients into the flat gradient buffer and clears them on the leaves. Tensors without a gradient add nothing.</summary>
    public void CollectGradients()
    {
        using var scope = NewDisposeScope();
        _gradients ??= zeros_like(_values).Owned();
        foreach (var (entry, offset, view) in _entries)
        {
            var gradient = view.grad;
            if (gradient is null) continue;
            _gradients.narrow(0, offset, entry.Count).add_(gradient.reshape(-1));
            view.grad = null;
        }
    }

    /// <summary>Frees the gradient buffer: between steps a run holds values and moments only.</summary>
    public void ReleaseGradients()
    {
        _gradients?.Dispose();
        _gradients = null;
        foreach (var (_, _, view) in _entries)
        {
            using var stale = view.grad;
            if (stale is not null) view.grad = null;
        }
    }

    /// <summary>Frees both moments: training is over, and the values serve on.</summary>
    public void ReleaseMoments()
    {
        _firstMoments?.Dispose();
        _secondMoments?.Dispose();
        _momentFile?.Dispose();
        (_firstMoments, _secondMoments, _momentFile) = (null, null, null);
    }

    /// <summary>Frees all buffers and leaves.</summary>
    public void Dispose()
    {
        foreach (var (_, _, view) in _entries) view.Dispose();
        _entries.Clear();
        _index.Clear();
        _gradients?.Dispose();
        ReleaseMoments();
        if (_valueFile is null) _values.Dispose();
        else _valueFile.Dispose();
    }

    private (Tensor First, Tensor Second) Moments()
    {
        if (_firstMoments is not null && _secondMoments is not null) return (_firstMoments, _secondMoments);
        using var scope = NewDisposeScope();
        if (_newFile is not null)
        {
            _momentFile = new FileTensor(_newFile(), 2 * Count, Type);
            (_firstMoments, _secondMoments) = (_momentFile.Values.narrow(0, 0, Count).Owned(), _momentFile.Values.narrow(0, Count, Count).Owned());
        }
        else
        {
            var (first, second) = (zeros_like(_values), zeros_like(_values));
            (_firstMoments, _secondMoments) = (first.Owned(), second.Owned());
        }
        return (_firstMoments, _secondMoments);
    }

    private static List<FlatGroup> GroupsOf(IReadOnlyList<FlatEntry> entries)
    {
        var groups = new List<FlatGroup>();
        long offset = 0;
        foreach (var entry in entries)
        {
            if (groups.Count > 0 && groups[^1].LearningRateScale == entry.LearningRateScale) groups[^1] = groups[^1] with { Count = groups[^1].Count + entry.Count };
            else groups.Add(new FlatGroup(offset, entry.Count, entry.LearningRateScale));
            offset += entry.Count;
        }
        return groups;
    }
}

using Studio.Core.Models.Families;
using Studio.Core.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>
/// Brings the tensors of a checkpoint into a compute type and onto a device, and looks at every value once on the way. What is in memory and of that
/// type already is a view of the mapped file. Everything else passes through a buffer of a few MiB: its file is never mapped, so that no second
/// set of the weights lies in memory beside the converted one.
/// </summary>
/// <param name="checkpoint">What is read.</param>
/// <param name="type">Type of the weights in memory.</param>
/// <param name="device">Where they go first; see <see cref="Device"/>.</param>
/// <param name="progress">Receives the part of the checkpoint's bytes that has been read, 0..1.</param>
/// <param name="ct">Cancels between two pieces.</param>
internal sealed class WeightReader(Checkpoint checkpoint, ScalarType type, Device device, IProgress<double>? progress = null, CancellationToken ct = default) : IDisposable
{
    private const long PieceBytes = 4 << 20;

    // One for all tensors: a buffer each would leave holes between the weights, which malloc fills badly (a quarter of their size, measured).
    private readonly Dictionary<ScalarType, Tensor> _buffers = [];
    private readonly List<string> _notFinite = [];
    private readonly long _total = Math.Max(1, checkpoint.TensorBytes);
    private long _read;

    /// <summary>The checkpoint.</summary>
    public Checkpoint Checkpoint => checkpoint;

    /// <summary>Type of the weights in memory.</summary>
    public ScalarType Type => type;

    /// <summary>Where the tensors go that are read from now on: the parts of a checkpoint may lie on several devices.</summary>
    public Device Device { get; set; } = device;

    /// <summary>Bytes of what was read so far and is no view of a mapped file.</summary>
    public long ConvertedBytes { get; private set; }

    /// <summary>A tensor in the compute type on the device, a projection as [out, in]; the caller disposes it.</summary>
    /// <exception cref="KeyNotFoundException">No such tensor.</exception>
    public Tensor Read(WeightSource source)
    {
        using var scope = NewDisposeScope();
        var stored = checkpoint.Stored(source.Name);
        long[] shape = source.Expert is null ? stored.Info.Shape : stored.Info.Shape[1..];
        long count = shape.Aggregate(1L, (product, size) => product * size), first = count * (source.Expert ?? 0);
        var values = (stored.Info.Type == type && Device.type == DeviceType.CPU ? View(stored, first, count) : Converted(stored, first, count)).view(shape);
        return (source.Transposed ? values.t() : values).Owned();
    }

    /// <summary>Refuses what has been read if any value of it is not finite.</summary>
    /// <exception cref="InvalidDataException">Some tensors hold NaN or infinite values; the message lists them.</exception>
    public void RequireFinite()
    {
        if (_notFinite.Count > 0)
            throw new InvalidDataException($"'{checkpoint.Folder}' holds values that are not finite (NaN or infinite) in {Checkpoint.Listed(_notFinite, ", ")}.");
    }

    /// <summary>Frees the buffers; what was read stays.</summary>
    public void Dispose()
    {
        foreach (var buffer in _buffers.Values) buffer.Dispose();
        _buffers.Clear();
    }

    private Tensor View(StoredTensor stored, long first, long count)
    {
        using var whole = stored.File.Map(stored.Name);
        var view = whole.view(-1).narrow(0, first, count);
        long each = PieceBytes / SafeTensorTypes.Bytes(stored.Info.Type);
        for (long at = 0; at < count; at += each)
        {
            using var piece = view.narrow(0, at, Math.Min(each, count - at));
            Check(stored, piece);
        }
        return view;
    }

    private Tensor Converted(StoredTensor stored, long first, long count)
    {
        var converted = empty([count], dtype: type, device: Device);
        ConvertedBytes += converted.ByteCount();
        foreach (var (at, piece) in stored.File.ReadPieces(stored.Name, first, count, Buffer(stored.Info.Type)))
        {
            Check(stored, piece);
            using var slot = converted.narrow(0, at, piece.numel());
            slot.copy_(piece);
        }
        return converted;
    }

    private Tensor Buffer(ScalarType stored)
    {
        if (!_buffers.TryGetValue(stored, out var buffer)) _buffers[stored] = buffer = empty([PieceBytes / SafeTensorTypes.Bytes(stored)], dtype: stored).Owned();
        return buffer;
    }

    private void Check(StoredTensor stored, Tensor piece)
    {
        ct.ThrowIfCancellationRequested();
        if (!FiniteCheck.IsFinite(piece) && !_notFinite.Contains(stored.FullName)) _notFinite.Add(stored.FullName);
        _read += piece.numel() * SafeTensorTypes.Bytes(stored.Info.Type);
        progress?.Report(Math.Min(1, (double)_read / _total));
    }
}

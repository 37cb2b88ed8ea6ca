using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace Studio.Core.Tensors;

/// <summary>A tensor that is made when its turn to be written comes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type in the file.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Make">Makes it; of any device, of this type and shape. Disposed once it is written.</param>
public sealed record TensorSource(string Name, ScalarType Type, long[] Shape, Func<Tensor> Make);

/// <summary>
/// A safetensors file mapped into memory: tensors are views of the mapping, so weights cost no private bytes and several processes share
/// their pages. Immutable; disposing it unmaps once the last view is gone.
/// </summary>
public sealed class SafeTensorsFile : IDisposable
{
    private readonly Dictionary<ScalarType, Tensor> _maps = [];
    private readonly Lock _gate = new();

    private SafeTensorsFile(SafeTensorsHeader header) => Header = header;

    /// <summary>Names, types, shapes and places.</summary>
    public SafeTensorsHeader Header { get; }

    /// <summary>Opens and checks a file.</summary>
    /// <exception cref="InvalidDataException">Not a sound safetensors file.</exception>
    /// <exception cref="FileNotFoundException">No such file.</exception>
    public static SafeTensorsFile Open(string path) => new(SafeTensorsHeader.Read(path));

    /// <summary>A tensor in the file's own type, on the CPU; the caller disposes it. A view of the mapping where the data is aligned, else a copy.</summary>
    /// <exception cref="KeyNotFoundException">No such tensor.</exception>
    public Tensor Map(string name)
    {
        if (!Header.Tensors.TryGetValue(name, out var info)) throw new KeyNotFoundException($"'{Header.Path}' has no tensor '{name}'.");
        int size = SafeTensorTypes.Bytes(info.Type);
        if (info.Length == 0) return empty(info.Shape, dtype: info.Type).Owned();
        if (info.Offset % size != 0) return Copy(info);
        using var part = MapWhole(info.Type, size).narrow(0, info.Offset / size, info.Length / size);
        return part.view(info.Shape).Owned();
    }

    /// <summary>Elements of a tensor in their order, piece by piece through a buffer: nothing of the file is mapped. A piece is valid until the next.</summary>
    /// <param name="name">The tensor.</param>
    /// <param name="first">Its first element to read.</param>
    /// <param name="count">How many.</param>
    /// <param name="buffer">Flat, on the CPU, of the tensor's type, not empty; a piece is a part of it.</param>
    /// <returns>Each piece, flat, with the place of its first element counted from <paramref name="first"/>.</returns>
    /// <exception cref="IOException">The file ends before its header says so.</exception>
    public IEnumerable<(long At, Tensor Piece)> ReadPieces(string name, long first, long count, Tensor buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        var info = Header.Tensors[name];
        long each = buffer.numel();
        using var file = File.OpenRead(Header.Path);
        file.Position = info.Offset + first * SafeTensorTypes.Bytes(info.Type);
        for (long at = 0; at < count; at += each)
        {
            using var piece = buffer.narrow(0, 0, Math.Min(each, count - at)).Owned();
            file.ReadExactly(piece.bytes);
            yield return (at, piece);
        }
    }

    /// <summary>Every tensor by name, each a private copy on the CPU that the caller disposes.</summary>
    public Dictionary<string, Tensor> ReadAll()
    {
        var all = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var info in Header.Tensors.Values) all[info.Name] = info.Length == 0 ? empty(info.Shape, dtype: info.Type).Owned() : Copy(info);
        return all;
    }

    /// <summary>Writes tensors in the given order. The caller makes the write atomic (temporary name, rename).</summary>
    /// <param name="path">Target file; replaced.</param>
    /// <param name="tensors">Names and tensors of any device; written contiguously.</param>
    /// <param name="metadata">Free-text map; PEFT and transformers expect <c>format = pt</c>.</param>
    public static void Write(string path, IReadOnlyList<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        Write(path, [.. tensors.Select(entry => new TensorSource(entry.Key, entry.Value.dtype, entry.Value.shape, () => entry.Value.alias()))], metadata);
    }

    /// <summary>Writes tensors one after the other as they are made: only one of them is in memory at a time.</summary>
    /// <param name="path">Target file; replaced.</param>
    /// <param name="tensors">The tensors in the order of the file.</param>
    /// <param name="metadata">Free-text map; PEFT and transformers expect <c>format = pt</c>.</param>
    /// <param name="ct">Cancels between two tensors.</param>
    public static void Write(string path, IReadOnlyList<TensorSource> tensors, IReadOnlyDictionary<string, string>? metadata = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        var header = EncodeHeader(tensors, metadata ?? new Dictionary<string, string> { ["format"] = "pt" });
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        file.Write(length);
        file.Write(header);
        foreach (var source in tensors)
        {
            ct.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var tensor = source.Make();
            if (tensor.dtype != source.Type || !tensor.shape.AsSpan().SequenceEqual(source.Shape))
                throw new InvalidOperationException($"'{source.Name}' was announced as {source.Type} [{string.Join(", ", source.Shape)}] and is {tensor.dtype} [{string.Join(", ", tensor.shape)}].");
            file.Write(tensor.detach().cpu().contiguous().bytes);
        }
        file.Flush(flushToDisk: true);
    }

    /// <summary>Releases the mappings. Views handed out stay valid until they are disposed.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var map in _maps.Values) map.Dispose();
            _maps.Clear();
        }
    }

    private Tensor MapWhole(ScalarType type, int size)
    {
        lock (_gate)
        {
            if (!_maps.TryGetValue(type, out var map))
            {
                map = from_file(Header.Path, shared: false, size: Header.FileBytes / size, dtype: type).Owned();
                _maps[type] = map;
            }
            return map;
        }
    }

    private Tensor Copy(SafeTensorInfo info)
    {
        using var file = File.OpenRead(Header.Path);
        file.Position = info.Offset;
        var copy = empty(info.Shape, dtype: info.Type).Owned();
        file.ReadExactly(copy.bytes);
        return copy;
    }

    private static byte[] EncodeHeader(IReadOnlyList<TensorSource> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            foreach (var (key, value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal)) json.WriteString(key, value);
            json.WriteEndObject();
            long offset = 0;
            foreach (var tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", SafeTensorTypes.Name(tensor.Type));
                json.WriteStartArray("shape");
                foreach (long dimension in tensor.Shape) json.WriteNumberValue(dimension);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.Shape.Aggregate(1L, (product, size) => product * size) * SafeTensorTypes.Bytes(tensor.Type));
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        // Data begins 8-byte aligned, as the reference writer does: then every element type can be mapped.
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }
}

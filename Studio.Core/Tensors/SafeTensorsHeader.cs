using System.Buffers.Binary;
using System.Text.Json;
using static TorchSharp.torch;

namespace Studio.Core.Tensors;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Key in the header.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Shape, row-major.</param>
/// <param name="Offset">First byte, from the start of the file.</param>
/// <param name="Length">Bytes.</param>
public sealed record SafeTensorInfo(string Name, ScalarType Type, long[] Shape, long Offset, long Length);

/// <summary>The validated header of a safetensors file (8-byte little-endian length, JSON, data).</summary>
public sealed class SafeTensorsHeader
{
    /// <summary>Largest header that the format allows, in bytes.</summary>
    public const long MaximumBytes = 100_000_000;

    private SafeTensorsHeader(string path, IReadOnlyDictionary<string, SafeTensorInfo> tensors, IReadOnlyDictionary<string, string> metadata, long fileBytes)
    {
        Path = path;
        Tensors = tensors;
        Metadata = metadata;
        FileBytes = fileBytes;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Its tensors by name.</summary>
    public IReadOnlyDictionary<string, SafeTensorInfo> Tensors { get; }

    /// <summary>The free-text map under <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Size of the whole file.</summary>
    public long FileBytes { get; }

    /// <summary>Reads and checks the header.</summary>
    /// <exception cref="InvalidDataException">The file is not a sound safetensors file; the message names file, tensor and both values.</exception>
    /// <exception cref="FileNotFoundException">No such file.</exception>
    public static SafeTensorsHeader Read(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"'{path}' does not exist.", path);
        using var file = File.OpenRead(path);
        long size = file.Length;
        Span<byte> prefix = stackalloc byte[8];
        if (size < 8) throw Bad(path, $"the file has {size} bytes; a safetensors file has at least 8");
        file.ReadExactly(prefix);
        ulong declared = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (declared > MaximumBytes || (long)declared > size - 8)
            throw Bad(path, $"its header claims {declared} bytes, the file has {size - 8} after the length field (truncated or not a safetensors file)");
        var json = new byte[declared];
        file.ReadExactly(json);
        return Parse(path, json, dataStart: 8 + (long)declared, size);
    }

    private static SafeTensorsHeader Parse(string path, byte[] json, long dataStart, long fileBytes)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json);
        }
        catch (JsonException error)
        {
            throw Bad(path, $"its header is not JSON ({error.Message})");
        }
        using (document)
        {
            try
            {
                return Parse(path, document, dataStart, fileBytes);
            }
            catch (InvalidOperationException error)
            {
                // Texts are decoded only when they are read: bytes that are not UTF-8 show up here.
                throw Bad(path, $"its header holds an unreadable text ({error.Message})");
            }
        }
    }

    private static SafeTensorsHeader Parse(string path, JsonDocument document, long dataStart, long fileBytes)
    {
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw Bad(path, "its header is not a JSON object");
        var tensors = new Dictionary<string, SafeTensorInfo>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in document.RootElement.EnumerateObject())
        {
            if (property.NameEquals("__metadata__"))
            {
                if (property.Value.ValueKind != JsonValueKind.Object) throw Bad(path, "__metadata__ is not an object");
                foreach (var entry in property.Value.EnumerateObject()) metadata[entry.Name] = entry.Value.ToString();
            }
            else if (!tensors.TryAdd(property.Name, ParseTensor(path, property, dataStart, fileBytes)))
            {
                throw Bad(path, $"tensor '{property.Name}' is listed twice");
            }
        }
        RefuseOverlaps(path, tensors.Values);
        return new SafeTensorsHeader(path, tensors, metadata, fileBytes);
    }

    private static SafeTensorInfo ParseTensor(string path, JsonProperty property, long dataStart, long fileBytes)
    {
        string name = property.Name;
        var value = property.Value;
        if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String
            || !value.TryGetProperty("shape", out var shapeElement) || shapeElement.ValueKind != JsonValueKind.Array
            || !value.TryGetProperty("data_offsets", out var offsets) || offsets.ValueKind != JsonValueKind.Array || offsets.GetArrayLength() != 2)
            throw Bad(path, $"tensor '{name}' lacks dtype, shape or data_offsets");

        var type = SafeTensorTypes.Parse(dtype.GetString()!) ?? throw Bad(path, $"tensor '{name}' has dtype {dtype.GetString()}; supported are {SafeTensorTypes.Supported}");
        var shape = new long[shapeElement.GetArrayLength()];
        Int128 count = 1;
        for (int i = 0; i < shape.Length; i++)
        {
            if (!TryWhole(shapeElement[i], out shape[i]) || shape[i] < 0) throw Bad(path, $"tensor '{name}' has the dimension {shapeElement[i]}; expected a whole number of at least 0");
            count *= shape[i];
            if (count > long.MaxValue) throw Bad(path, $"tensor '{name}' has more elements than fit into 64 bits");
        }
        if (!TryWhole(offsets[0], out long start) | !TryWhole(offsets[1], out long end) || start < 0 || end < start || end > fileBytes - dataStart)
            throw Bad(path, $"tensor '{name}' lies at bytes {offsets[0]}..{offsets[1]} of {fileBytes - dataStart} data bytes (truncated file?)");
        Int128 expected = count * SafeTensorTypes.Bytes(type);
        if (expected != end - start) throw Bad(path, $"tensor '{name}' has {end - start} bytes, its shape [{string.Join(", ", shape)}] as {dtype.GetString()} needs {expected}");
        return new SafeTensorInfo(name, type, shape, dataStart + start, end - start);
    }

    private static bool TryWhole(JsonElement value, out long number)
    {
        number = 0;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out number);
    }

    private static void RefuseOverlaps(string path, IEnumerable<SafeTensorInfo> tensors)
    {
        SafeTensorInfo? previous = null;
        foreach (var tensor in tensors.Where(t => t.Length > 0).OrderBy(t => t.Offset))
        {
            if (previous is not null && tensor.Offset < previous.Offset + previous.Length)
                throw Bad(path, $"tensors '{previous.Name}' and '{tensor.Name}' overlap");
            previous = tensor;
        }
    }

    private static InvalidDataException Bad(string path, string what) => new($"'{path}' cannot be read: {Excerpt.Of(what, 500)}.");
}

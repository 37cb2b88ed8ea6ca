using static TorchSharp.torch;

namespace Studio.Core.Tensors;

/// <summary>The dtype names of the safetensors format that we read and write.</summary>
public static class SafeTensorTypes
{
    private static readonly (string Name, ScalarType Type, int Bytes)[] Known =
    [
        ("F64", ScalarType.Float64, 8), ("F32", ScalarType.Float32, 4), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4), ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    /// <summary>All names, for messages.</summary>
    public static string Supported => string.Join(", ", Known.Select(k => k.Name));

    /// <summary>The type of a name, or null when it is not supported.</summary>
    public static ScalarType? Parse(string name)
    {
        foreach (var known in Known)
            if (known.Name == name) return known.Type;
        return null;
    }

    /// <summary>The name of a type.</summary>
    /// <exception cref="NotSupportedException">The format has no such type.</exception>
    public static string Name(ScalarType type) => Find(type).Name;

    /// <summary>Bytes of one element.</summary>
    public static int Bytes(ScalarType type) => Find(type).Bytes;

    /// <summary>Place of a type in the order of the reference writer, which puts higher ones first.</summary>
    public static int Order(ScalarType type) => type switch
    {
        ScalarType.Bool => 0,
        ScalarType.Byte => 1,
        ScalarType.Int8 => 2,
        ScalarType.Int16 => 3,
        ScalarType.Float16 => 4,
        ScalarType.BFloat16 => 5,
        ScalarType.Int32 => 6,
        ScalarType.Float32 => 7,
        ScalarType.Float64 => 8,
        _ => 9,
    };

    private static (string Name, ScalarType Type, int Bytes) Find(ScalarType type)
    {
        foreach (var known in Known)
            if (known.Type == type) return known;
        throw new NotSupportedException($"safetensors files cannot hold {type}; supported are {Supported}.");
    }
}

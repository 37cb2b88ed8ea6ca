using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Bench.Verify;

/// <summary>Reference values of a case, read as plain arrays. Every key is optional.</summary>
public sealed class GoldenFile : IDisposable
{
    private readonly SafeTensorsFile _file;

    /// <summary>Opens a reference file.</summary>
    public GoldenFile(string path) => _file = SafeTensorsFile.Open(path);

    /// <summary>All keys in ordinal order.</summary>
    public IEnumerable<string> Keys => _file.Header.Tensors.Keys.Order(StringComparer.Ordinal);

    /// <summary>Whether a key is there.</summary>
    public bool Has(string key) => _file.Header.Tensors.ContainsKey(key);

    /// <summary>Shape of a tensor.</summary>
    /// <exception cref="InvalidDataException">No such key.</exception>
    public long[] Shape(string key) => _file.Header.Tensors.TryGetValue(key, out var info)
        ? info.Shape
        : throw new InvalidDataException($"'{_file.Header.Path}' has no '{key}'.");

    /// <summary>Elements as fp32, row-major.</summary>
    public float[] Floats(string key)
    {
        Shape(key);
        using var stored = _file.Map(key);
        return stored.ToFloatArray();
    }

    /// <summary>Elements as doubles, row-major.</summary>
    public double[] Doubles(string key)
    {
        Shape(key);
        using var scope = NewDisposeScope();
        using var stored = _file.Map(key);
        return stored.to(ScalarType.Float64).contiguous().data<double>().ToArray();
    }

    /// <summary>Elements as ids, row-major.</summary>
    public int[] Ids(string key)
    {
        Shape(key);
        using var scope = NewDisposeScope();
        using var stored = _file.Map(key);
        return stored.to(ScalarType.Int32).contiguous().data<int>().ToArray();
    }

    /// <summary>The first element.</summary>
    public double Scalar(string key) => Doubles(key)[0];

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}

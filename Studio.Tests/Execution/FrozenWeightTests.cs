using Studio.Core.Execution;
using Studio.Core.Tensors;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Execution;

/// <summary>Products with a weight mapped from a file, against the sums written out in double precision.</summary>
public sealed class FrozenWeightTests : TensorTest
{
    private const int Inputs = 24, Outputs = 10;
    private readonly TestDirectory _folder = new();

    [Theory]
    [InlineData(ScalarType.Float32, true, 1e-5)]
    [InlineData(ScalarType.Float32, false, 1e-5)]
    [InlineData(ScalarType.BFloat16, true, 2e-2)]
    [InlineData(ScalarType.BFloat16, false, 2e-2)]
    public void Products_MappedWeight_EqualTheWrittenOutSums(ScalarType type, bool bias, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var stored = Store(type, bias);
        using var weight = Map(stored, bias);
        Assert.Equal((Inputs, Outputs, type), (weight.Inputs, weight.Outputs, weight.ComputeType));
        Assert.Equal((Inputs * Outputs + (bias ? Outputs : 0)) * (type == ScalarType.Float32 ? 4 : 2), weight.Bytes);
        double[,] w = Matrix(weight.ToDense());
        double[] b = bias ? [.. weight.ToDenseBias()!.ToFloatArray().Select(value => (double)value)] : new double[Outputs];
        Assert.Equal(bias, weight.ToDenseBias() is not null);

        using var random = new Generator(4);
        var x = randn([3, Inputs], generator: random).to(type);
        var dy = randn([3, Outputs], generator: random).to(type);
        double[,] xs = Matrix(x), dys = Matrix(dy);
        double[,] y = Sum(3, Outputs, Inputs, (i, j, k) => xs[i, k] * w[j, k]), dx = Sum(3, Inputs, Outputs, (i, j, k) => dys[i, k] * w[k, j]);
        AssertClose((i, j) => y[i, j] + b[j], weight.Multiply(x), tolerance);
        AssertClose((i, j) => dx[i, j], weight.MultiplyTransposed(dy), tolerance);

        // Into a slice of something wider, as fused calls do; what is around it stays.
        var wide = full([3, Outputs + 4], 9).to(type);
        using (var slice = wide.narrow(1, 2, Outputs)) weight.MultiplyInto(x, slice);
        AssertClose((i, j) => j is < 2 or >= Outputs + 2 ? 9 : y[i, j - 2] + b[j - 2], wide, tolerance);
        var sum = ones([3, Inputs]).to(type);
        weight.AddMultiplyTransposed(dy, sum);
        AssertClose((i, j) => 1 + dx[i, j], sum, tolerance);
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void RowsAndNorms_MappedWeight_EqualTheStoredValues(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var stored = Store(type, bias: false);
        using var weight = Map(stored, bias: false);
        double[,] w = Matrix(weight.ToDense());
        using var original = stored.Map("w");
        Assert.Equal(original.ToFloatArray(), weight.ToDense().ToFloatArray());
        AssertClose((i, j) => w[i == 0 ? 7 : 2, j], weight.Rows(tensor(new long[] { 7, 2 })), 0);
        var norms = weight.RowNorms();
        Assert.Equal(ScalarType.Float32, norms.dtype);
        Assert.Equal([Outputs], norms.shape);
        AssertClose((_, j) => Math.Sqrt(Enumerable.Range(0, Inputs).Sum(k => w[j, k] * w[j, k])), norms.unsqueeze(0), 1e-5);
    }

    [Fact]
    public void ToDense_Changed_LeavesTheWeightAlone()
    {
        using var scope = NewDisposeScope();
        using var stored = Store(ScalarType.Float32, bias: true);
        using var weight = Map(stored, bias: true);
        float[] before = weight.ToDense().ToFloatArray();
        weight.ToDense().zero_();
        weight.ToDenseBias()!.zero_();
        weight.RowNorms().zero_();
        weight.Rows(tensor(new long[] { 0 })).zero_();
        Assert.Equal(before, weight.ToDense().ToFloatArray());
        Assert.NotEqual(0, weight.ToDenseBias()!.ToFloatArray()[0]);
    }

    protected override void Release() => _folder.Dispose();

    private SafeTensorsFile Store(ScalarType type, bool bias)
    {
        using var random = new Generator(3);
        using var w = randn([Outputs, Inputs], generator: random).to(type);
        using var b = randn([Outputs], generator: random).to(type);
        var tensors = new List<KeyValuePair<string, Tensor>> { new("w", w) };
        if (bias) tensors.Add(new("b", b));
        SafeTensorsFile.Write(_folder.File("weights.safetensors"), tensors);
        return SafeTensorsFile.Open(_folder.File("weights.safetensors"));
    }

    private static DenseWeight Map(SafeTensorsFile file, bool bias) => new(file.Map("w"), bias ? file.Map("b") : null);

    private static double[,] Matrix(Tensor tensor)
    {
        float[] flat = tensor.ToFloatArray();
        int rows = (int)tensor.size(0), columns = (int)tensor.size(1);
        var matrix = new double[rows, columns];
        for (int i = 0; i < flat.Length; i++) matrix[i / columns, i % columns] = flat[i];
        return matrix;
    }

    private static double[,] Sum(int rows, int columns, int inner, Func<int, int, int, double> term)
    {
        var result = new double[rows, columns];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                for (int k = 0; k < inner; k++) result[i, j] += term(i, j, k);
        return result;
    }

    private static void AssertClose(Func<int, int, double> expected, Tensor actual, double tolerance)
    {
        double[,] values = Matrix(actual);
        for (int i = 0; i < values.GetLength(0); i++)
            for (int j = 0; j < values.GetLength(1); j++)
                Assert.Equal(expected(i, j), values[i, j], tolerance * Math.Max(1, Math.Abs(expected(i, j))));
    }
}

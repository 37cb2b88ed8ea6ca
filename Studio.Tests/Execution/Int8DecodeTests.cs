using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Execution;

/// <summary>What 8-bit copies of the weights change, and what they must not.</summary>
public sealed class Int8DecodeTests : TensorTest
{
    private static string Starter => Path.Combine(SourceFolder.Root, "models", "starter");

    [Theory]
    [InlineData(ScalarType.Float32, true)]
    [InlineData(ScalarType.Float32, false)]
    [InlineData(ScalarType.BFloat16, true)]
    public void MultiplyToDecode_OneRow_IsWithinHalfAStepOfEveryWeight(ScalarType type, bool biased)
    {
        const int Inputs = 96, Outputs = 2052;
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var w = randn([Outputs, Inputs], generator: random).to(type);
        w.select(0, 5).zero_();
        var bias = biased ? randn([Outputs], generator: random).to(type) : null;
        var x = randn([1, Inputs], generator: random).to(type);
        using var weight = new Int8DecodeWeight(new DenseWeight(w.Owned(), bias?.Owned()));
        var (exact, wide) = (w.to(ScalarType.Float64), x.to(ScalarType.Float64));
        var expected = exact.matmul(wide.t()).squeeze(1);
        if (bias is not null) expected += bias.to(ScalarType.Float64);
        // Each weight is off by at most half a step, a row's largest value being 127 of them; the scale's own rounding makes the largest a little smaller.
        var bound = exact.abs().amax([1]) / 127 * (type == ScalarType.BFloat16 ? 1 : 0.5) * wide.abs().sum() + expected.abs() * (type == ScalarType.BFloat16 ? 1e-2 : 1e-5) + 1e-6;
        var off = (weight.MultiplyToDecode(x).squeeze(0).to(ScalarType.Float64) - expected).abs();
        Assert.True(off.le(bound).all().item<bool>(), $"off by {(off / bound).max().item<double>():0.00} of what is allowed");
        // Mostly the errors cancel out.
        Assert.InRange((off.norm() / expected.norm()).item<double>(), 1e-6, 0.02);
        using var alone = new DenseWeight(w.alias().Owned(), bias?.alias().Owned());
        Assert.Equal(alone.Multiply(x).ToFloatArray(), weight.Multiply(x).ToFloatArray());
        int width = type == ScalarType.BFloat16 ? 2 : 4;
        Assert.Equal((Inputs * Outputs + (biased ? Outputs : 0)) * width + Inputs * Outputs + Outputs * width + (biased ? Outputs * width : 0), weight.Bytes);
    }

    [Fact]
    public void Constructor_ShapeThatTheKernelCannotTake_IsRefused()
    {
        using var odd = new DenseWeight(ones([8, 24]).Owned());
        Assert.False(Int8DecodeWeight.Suits(odd));
        Assert.Contains("[8, 24]", Assert.Throws<ArgumentException>(() => new Int8DecodeWeight(odd)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_OneRowOfADecodePass_AloneUsesThem()
    {
        using var scope = NewDisposeScope();
        using var exact = BaseModel.Load("exact", Starter, ScalarType.Float32, CPU);
        using var model = BaseModel.Load("int8", Starter, ScalarType.Float32, CPU, new ExecutorOptions { Int8Decode = true });
        using var reference = new DirectBaseLayers(exact.Layers);
        using var client = model.Executor.Attach(new ClientOptions { Name = "client" });
        using var random = new Generator(3);
        var layer = new LayerId(0, BaseProjection.GateUp);
        var x = randn([1, model.Config.Hidden], generator: random);
        float[] expected = reference.Forward(layer, x).ToFloatArray();
        Assert.Equal(expected, Under(PassKind.Training, x));
        Assert.Equal(expected, Under(PassKind.Prefill, x));
        float[] decoded = Under(PassKind.Decode, x);
        Assert.NotEqual(expected, decoded);
        Assert.InRange(Deviation(expected, decoded), 0, 0.02);
        var two = randn([2, model.Config.Hidden], generator: random);
        Assert.Equal(reference.Forward(layer, two).ToFloatArray(), Under(PassKind.Decode, two));
        var dy = randn([1, expected.Length], generator: random);
        Assert.Equal(reference.Backward(layer, dy).ToFloatArray(), client.Backward(layer, dy).ToFloatArray());
        // Embedding and head are one weight here, and its copy counts once.
        Assert.True(exact.Config.TiedHead);
        Assert.InRange((double)(model.Bytes - exact.Bytes) / exact.Bytes, 0.24, 0.27);

        float[] Under(PassKind kind, Tensor rows)
        {
            using var pass = client.BeginPass(kind);
            return client.Forward(layer, rows).ToFloatArray();
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Decode_StarterModel_AnswersNearlyAsWithExactWeights(ScalarType type)
    {
        int[] ids = Ids();
        float[][] exact = Logits(ids, ScalarType.Float32, int8: false), decoded = Logits(ids, type, int8: true);
        double deviation = Deviation([.. exact.SelectMany(row => row)], [.. decoded.SelectMany(row => row)]);
        double agreement = exact.Zip(decoded, (a, b) => Best(a) == Best(b) ? 1.0 : 0).Average();
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"{type}: logits off by {deviation:0.0000}, same likeliest token {agreement:0.000} of {ids.Length}"));
        Assert.InRange(deviation, 1e-4, 0.05);
        Assert.InRange(agreement, 0.9, 1);
    }

    private static int[] Ids()
    {
        string text = File.ReadAllText(Path.Combine(SourceFolder.Root, "README.md"));
        return [.. Studio.Core.Text.TextTokenizer.Load(Starter).Encode(text[..Math.Min(text.Length, 600)], addSpecialTokens: false).Take(120)];
    }

    // Token by token, each in a decode pass of its own.
    private static float[][] Logits(int[] ids, ScalarType type, bool int8)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var model = BaseModel.Load("m", Starter, type, CPU, new ExecutorOptions { Int8Decode = int8 });
        using var client = model.Executor.Attach(new ClientOptions { Name = "chat", Phase = PassKind.Decode });
        using var cache = new KeyValueCache(model.Config, model.ComputeType, CPU);
        return [.. ids.Select(id =>
        {
            using var pass = client.BeginPass(PassKind.Decode);
            var context = SplitContext.ForInference(client, model.Model.Modules, [null]);
            var hidden = model.Model.Forward(context, new SequenceBatch([new SequenceInput(new[] { id }, cache)]));
            return model.Model.Logits(context, hidden, [new RowSpan(0, 1, 0)]).ToFloatArray();
        })];
    }

    private static int Best(float[] logits) => Array.IndexOf(logits, logits.Max());

    private static double Deviation(float[] exact, float[] other) =>
        Math.Sqrt(exact.Zip(other, (a, b) => Math.Pow(a - b, 2)).Sum() / exact.Sum(a => Math.Pow(a, 2)));
}

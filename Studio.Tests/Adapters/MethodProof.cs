using System.Text.Json.Nodes;
using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters;

/// <summary>A trained or stored tensor of one module by its suffix, as numbers in row-major order.</summary>
internal delegate double[] ModuleValues(string suffix);

/// <summary>dW [out, in] of a module by an independent formula.</summary>
internal delegate double[,] DenseFormula(ModuleTarget module, ModuleValues values);

/// <summary>What every method that changes weights is proven with.</summary>
internal static class MethodProof
{
    /// <summary>Loads a folder that PEFT wrote and saves it: the settings must be the same, the tensors the same bytes.</summary>
    public static void RoundTrip(string baseModel, string name)
    {
        string theirs = FixtureFolder.Adapter(Path.Combine(baseModel, name));
        using var folder = new TestDirectory();
        using var model = BaseModel.Load(baseModel, FixtureFolder.Model(baseModel), ScalarType.Float32, CPU);
        using (var adapter = PeftFormat.Load(theirs, model.AdapterSite())) PeftFormat.Save(adapter, folder.Root, baseModel);
        JsonObject expected = Config(theirs), found = Config(folder.Root);
        Assert.Equal(expected.Select(member => member.Key), found.Select(member => member.Key));
        Assert.All(expected, member => Assert.Equal(member.Value?.ToJsonString(), found[member.Key]?.ToJsonString()));
        Assert.Equal(File.ReadAllBytes(Path.Combine(theirs, PeftFormat.WeightsFile)), File.ReadAllBytes(folder.File(PeftFormat.WeightsFile)));

        static JsonObject Config(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, PeftFormat.ConfigFile)))!.AsObject();
    }

    /// <summary>Random values in every trained tensor of a new adapter.</summary>
    public static IAdapter Random(AdapterSpec spec, AdapterSite site, double deviation = 0.3)
    {
        var adapter = AdapterMethods.Build(spec, site);
        using var random = new Generator(11);
        adapter.Initialize(random);
        using var grad = no_grad();
        using var noise = empty_like(adapter.Parameters.Values);
        noise.normal_(0, deviation, random);
        adapter.Parameters.Values.add_(noise);
        return adapter;
    }

    /// <summary>Every gradient of the split tape against a central difference along itself, in fp64.</summary>
    public static void Gradients(AdapterSpec spec, double deviation = 0.3)
    {
        const double Step = 1e-4;
        using var model = new TinyModel(ScalarType.Float64);
        using var adapter = Random(spec, model.SiteOf(ScalarType.Float64), deviation);
        var result = TestTraining.Split(model, adapter);
        double longest = result.Gradients.Values.Max(Length);
        foreach (var (name, gradient) in result.Gradients)
        {
            double length = Length(gradient);
            Assert.True(length > 1e-7, $"{name} has no gradient, the test would prove nothing.");
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var leaf = adapter.Parameters[name];
            var start = leaf.detach().clone();
            var direction = tensor(gradient.Select(value => value / length).ToArray()).view(leaf.shape);
            leaf.copy_(start + direction * Step);
            double above = TestTraining.Loss(model, adapter);
            leaf.copy_(start - direction * Step);
            double below = TestTraining.Loss(model, adapter);
            leaf.copy_(start);
            double slope = (above - below) / (2 * Step);
            Assert.True(Math.Abs(slope - length) <= 1e-4 * length + 1e-6 * longest, $"{name}: the slope is {slope}, the gradient says {length}.");
        }

        static double Length(double[] gradient) => Math.Sqrt(gradient.Sum(value => value * value));
    }

    /// <summary>The effect on activations in fp64 and bf16, and the merged weight, against dW by another formula.</summary>
    public static void ActsLike(AdapterSpec spec, DenseFormula formula)
    {
        using var model = new TinyModel(ScalarType.Float64);
        using var adapter = Random(spec, model.SiteOf(ScalarType.Float64));
        using var folder = new TestDirectory();
        int acted = 0;
        foreach (var module in model.Modules.All.Where(adapter.ChangesOutput))
        {
            acted++;
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var export = new AdapterExport();
            adapter.Export(export);
            double[,] dense = formula(module, suffix => Numbers(export.Weights[PeftFormat.Key(module, suffix)]));
            var expected = tensor(dense).to(ScalarType.Float64);
            using var random = new Generator(5);
            var x = empty([6, module.InputFeatures], dtype: ScalarType.Float64).normal_(0, 1, random);
            var y = zeros([6, module.OutputFeatures], dtype: ScalarType.Float64);
            AssertClose(x.matmul(expected.t()), Act(adapter, module, x, y), 1e-10);
            var half = Act(adapter, module, x.to(ScalarType.BFloat16), y.to(ScalarType.BFloat16));
            Assert.Equal(ScalarType.BFloat16, half.dtype);
            AssertClose(x.matmul(expected.t()), half.to(ScalarType.Float64), 0.1);
            AssertClose(expected, adapter.MergeWeight(module, zeros_like(expected)), 1e-10);
        }
        Assert.True(acted > 0, "The adapter acts nowhere.");
    }

    /// <summary>Output change of one module outside of training.</summary>
    public static Tensor Act(IAdapter adapter, ModuleTarget module, Tensor x, Tensor y)
    {
        var pass = new AdapterPass(training: false, random: null, cut: tensor => tensor);
        adapter.BeginPass(pass);
        return adapter.ChangeOutput(module, x, y, pass);
    }

    /// <summary>What settings are refused with on the tiny model.</summary>
    public static string Refusal(AdapterSpec spec)
    {
        using var model = new TinyModel();
        return Assert.Throws<ArgumentException>(() => AdapterMethods.Build(spec, model.Site)).Message;
    }

    /// <summary>Two training passes with dropout from one seed must agree, and differ from the one without.</summary>
    public static void DropsReproducibly(AdapterSpec spec)
    {
        using var model = new TinyModel();
        using var adapter = Random(spec, model.Site);
        var (first, second, without) = (Loss(3), Loss(3), TestTraining.Split(model, adapter).Loss);
        Assert.Equal(first, second);
        Assert.NotEqual(first, without);

        double Loss(ulong seed)
        {
            using var random = new Generator(seed);
            return TestTraining.Split(model, adapter, random: random).Loss;
        }
    }

    /// <summary>A new adapter has finite gradients at its start and, where the method promises it, no effect.</summary>
    public static void BeginsAtBase(AdapterSpec spec)
    {
        using var model = new TinyModel();
        using var adapter = AdapterMethods.Build(spec, model.Site);
        using (var random = new Generator(2)) adapter.Initialize(random);
        foreach (var module in model.Modules.All.Where(adapter.ChangesOutput))
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            using var y = Act(adapter, module, ones([3, module.InputFeatures]), ones([3, module.OutputFeatures]));
            Assert.All(Numbers(y), value => Assert.Equal(1, value));
        }
        var result = TestTraining.Split(model, adapter);
        Assert.All(result.Gradients.Values, gradient => Assert.All(gradient, value => Assert.True(double.IsFinite(value))));
        Assert.Contains(result.Gradients.Values, gradient => gradient.Any(value => value != 0));
    }

    /// <summary>Numbers of a tensor in row-major order.</summary>
    public static double[] Numbers(Tensor values)
    {
        using var scope = NewDisposeScope();
        return values.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray();
    }

    /// <summary>A matrix product of row-major factors.</summary>
    public static double[,] Product(double[] left, double[] right, int rows, int inner, int columns)
    {
        var product = new double[rows, columns];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                for (int k = 0; k < inner; k++) product[i, j] += left[i * inner + k] * right[k * columns + j];
        return product;
    }

    /// <summary>A matrix by its elements.</summary>
    public static double[,] Matrix(int rows, int columns, Func<int, int, double> element)
    {
        var matrix = new double[rows, columns];
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++) matrix[i, j] = element(i, j);
        return matrix;
    }

    private static void AssertClose(Tensor expected, Tensor found, double relative)
    {
        double scale = Numbers(expected).Max(Math.Abs), apart = Numbers(expected).Zip(Numbers(found), (a, b) => Math.Abs(a - b)).Max();
        Assert.True(scale > 0, "Nothing is expected, the test would prove nothing.");
        Assert.True(apart <= relative * scale, $"They are {apart} apart at a size of {scale}.");
    }
}

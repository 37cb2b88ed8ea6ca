using System.Text.Json.Nodes;
using Studio.Bench.Verify;
using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

/// <summary>What every method is held to; the test class of a method says with which settings.</summary>
internal static class MethodChecks
{
    /// <summary>Every case of one method below the fixtures agrees with its reference: logits, loss, gradients, generation, merged weights.</summary>
    public static void AgreesWithPeft(string cases) => AllPass(CaseKind.Adapters, cases);

    /// <summary>A recorded training is repeated step by step.</summary>
    public static void RepeatsPeftsTraining(string cases) => AllPass(CaseKind.Traces, cases);

    /// <summary>Loading a folder of PEFT's and saving it gives the same settings and the same bytes.</summary>
    public static void RoundTripsPeftsFolder(string family, string name)
    {
        using var folder = new TestDirectory();
        using var model = BaseModel.Load(family, FixtureFolder.Model(family), ScalarType.Float32, CPU);
        string theirs = FixtureFolder.Adapter(Path.Combine(family, name));
        using (var adapter = PeftFormat.Load(theirs, model.AdapterSite())) PeftFormat.Save(adapter, folder.Root, family);
        Assert.Equal([PeftFormat.ConfigFile, PeftFormat.WeightsFile], folder.Entries);
        Assert.Equal(File.ReadAllBytes(Path.Combine(theirs, PeftFormat.WeightsFile)), File.ReadAllBytes(folder.File(PeftFormat.WeightsFile)));
        JsonObject expected = Config(theirs), found = Config(folder.Root);
        Assert.Equal(expected.Select(member => member.Key), found.Select(member => member.Key));
        foreach (var (key, value) in expected) Assert.True(JsonNode.DeepEquals(value, found[key]), $"{key} is {found[key]?.ToJsonString() ?? "null"}, PEFT writes {value?.ToJsonString() ?? "null"}.");
    }

    /// <summary>An adapter with random values, saved and loaded, is the same adapter.</summary>
    public static void SavesAndLoads(AdapterSpec spec, bool bias = false)
    {
        using var folder = new TestDirectory();
        using var model = new TinyModel(bias: bias);
        using var adapter = Randomized(spec, model.Site);
        PeftFormat.Save(adapter, folder.Root, "tiny");
        using var loaded = PeftFormat.Load(folder.Root, model.Site);
        Assert.Equivalent(adapter.Spec, loaded.Spec, strict: true);
        Assert.Equal(adapter.Parameters.Values.ToFloatArray(), loaded.Parameters.Values.ToFloatArray());
        Assert.Equivalent(adapter.Spec, AdapterSpecJson.Read(AdapterSpecJson.Write(adapter.Spec)), strict: true);
    }

    /// <summary>The gradient of every tensor over the split tape is the slope of the loss, in fp64.</summary>
    public static void HasTheSlopesOfTheLoss(AdapterSpec spec, bool bias = false, double deviation = 0.3)
    {
        using var model = new TinyModel(ScalarType.Float64, bias: bias);
        using var adapter = Randomized(spec, model.SiteOf(ScalarType.Float64), deviation);
        var result = TestTraining.Split(model, adapter);
        foreach (var entry in adapter.Parameters.Entries)
        {
            double[] gradient = result.Gradients[entry.Name];
            double length = Math.Sqrt(gradient.Sum(value => value * value));
            Assert.True(length > 1e-6, $"{entry.Name} has no slope: the test would prove nothing.");
            Assert.Equal(length, Slope(model, adapter, entry.Name, [.. gradient.Select(value => value / length)]), 1e-5 * length + 1e-8);
        }
    }

    /// <summary>A fresh adapter leaves every logit as it is, also in bf16.</summary>
    public static void StartsAtTheBase(AdapterSpec spec, bool bias = false)
    {
        foreach (var type in new[] { ScalarType.Float32, ScalarType.BFloat16 })
        {
            using var model = new TinyModel(type, bias: bias);
            using var adapter = AdapterMethods.Build(spec, model.Site);
            using var random = new Generator(3);
            adapter.Initialize(random);
            using var scope = NewDisposeScope();
            double difference = Logits(model, adapter).sub(Logits(model, null)).abs().max().to(ScalarType.Float64).item<double>();
            Assert.InRange(difference, 0, type == ScalarType.Float32 ? 1e-5 : 5e-2);
        }
    }

    /// <summary>The model with merged weights gives the logits of the model with the adapter.</summary>
    public static void MergesIntoTheBase(AdapterSpec spec, bool bias = false, double deviation = 0.3)
    {
        using var model = new TinyModel(ScalarType.Float64, bias: bias);
        using var adapter = Randomized(spec, model.SiteOf(ScalarType.Float64), deviation);
        Assert.Null(adapter.WhyNotMerged);
        using var scope = NewDisposeScope();
        var with = Logits(model, adapter);
        var context = new AutogradContext(model.Model, layer => Merged(model, adapter, layer), norm => Merged(model, adapter, norm));
        var merged = LogitsOf(model, context);
        Assert.InRange(with.sub(merged).abs().max().item<double>(), 0, 1e-6);
        Assert.True(with.sub(Logits(model, null)).abs().max().item<double>() > 1e-2, "The adapter changes nothing: the test would prove nothing.");
    }

    /// <summary>A training pass in bf16 gives finite gradients.</summary>
    public static void TrainsInBf16(AdapterSpec spec, bool bias = false)
    {
        using var model = new TinyModel(ScalarType.BFloat16, bias: bias);
        using var adapter = Randomized(spec, model.Site, 0.05);
        var result = TestTraining.Split(model, adapter);
        Assert.All(result.Gradients.Values.SelectMany(values => values), value => Assert.True(double.IsFinite(value)));
        Assert.Contains(result.Gradients.Values.SelectMany(values => values), value => value != 0);
    }

    /// <summary>Dropout acts in training, and the same seed gives the same pass.</summary>
    public static void DropsTheSameForTheSameSeed(AdapterSpec spec)
    {
        using var model = new TinyModel();
        using var adapter = Randomized(spec, model.Site);
        double[] first = Pass(1), again = Pass(1), other = Pass(2);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.NotEqual(first, [.. TestTraining.Split(model, adapter).Gradients.Values.SelectMany(values => values)]);

        double[] Pass(ulong seed)
        {
            using var random = new Generator(seed);
            return [.. TestTraining.Split(model, adapter, random: random).Gradients.Values.SelectMany(values => values)];
        }
    }

    /// <summary>An adapter whose every value is random around its start.</summary>
    public static IAdapter Randomized(AdapterSpec spec, AdapterSite site, double deviation = 0.3, ulong seed = 21)
    {
        var adapter = AdapterMethods.Build(spec, site);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var random = new Generator(seed);
        adapter.Initialize(random);
        adapter.Parameters.Values.add_(randn(adapter.Parameters.Count, dtype: site.Type, generator: random) * deviation);
        return adapter;
    }

    /// <summary>A module of the tiny model.</summary>
    public static ModuleTarget Module(TinyModel model, string name) => model.Modules.All.First(module => module.Name.EndsWith(name, StringComparison.Ordinal));

    private static void AllPass(CaseKind kind, string cases)
    {
        var verdicts = VerifyRunner.Run(kind, FixtureFolder.Root, cases).ToList();
        Assert.NotEmpty(verdicts);
        Assert.All(verdicts, verdict => Assert.True(verdict.Passed, $"{verdict.Name}: {verdict.Detail}"));
    }

    private static double Slope(TinyModel model, IAdapter adapter, string name, double[] direction)
    {
        const double Step = 1e-5;
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var leaf = adapter.Parameters[name];
        var start = leaf.detach().clone();
        var move = tensor(direction).view(leaf.shape) * Step;
        leaf.copy_(start + move);
        double above = TestTraining.Loss(model, adapter);
        leaf.copy_(start - move);
        double below = TestTraining.Loss(model, adapter);
        leaf.copy_(start);
        return (above - below) / (2 * Step);
    }

    /// <summary>Logits of the samples with an adapter, or null for the base.</summary>
    public static Tensor Logits(TinyModel model, IAdapter? adapter) => LogitsOf(model, new AutogradContext(model.Model, model.Weights, adapter: adapter));

    private static Tensor LogitsOf(TinyModel model, AutogradContext context)
    {
        using var grad = no_grad();
        var hidden = model.Model.Forward(context, SequenceBatch.Of(TestTraining.Samples));
        return model.Model.Logits(context, hidden, [new RowSpan(0, (int)hidden.size(0), 0)]);
    }

    private static LinearWeights Merged(TinyModel model, IAdapter adapter, LayerId layer)
    {
        var (weight, bias) = model.Weights(layer);
        var module = model.Modules[layer];
        return new LinearWeights(adapter.MergeWeight(module, weight), module.Kind == ModuleKind.Embedding ? null : adapter.MergeBias(module, bias));
    }

    private static NormWeights Merged(TinyModel model, IAdapter adapter, NormId norm)
    {
        var frozen = model.Model.Norms[norm].Weights;
        var module = model.Modules.All.First(module => module.Kind == ModuleKind.Norm && module.Norm == norm);
        return new NormWeights(adapter.MergeWeight(module, frozen.Weight), adapter.MergeBias(module, frozen.Bias));
    }

    // PEFT keeps names in sets: their order in the file is accidental.
    private static JsonObject Config(string folder)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, PeftFormat.ConfigFile)))!.AsObject();
        foreach (string key in new[] { "target_modules", "feedforward_modules" })
            if (config[key] is JsonArray names)
                config[key] = new JsonArray([.. names.Select(name => name!.GetValue<string>()).Order(StringComparer.Ordinal).Select(name => (JsonNode)name)]);
        return config;
    }
}

using System.Globalization;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Conformance;

/// <summary>Every method, in its usual settings and in those that change what it computes, on models of different families.</summary>
internal static class ConformanceCases
{
    /// <summary>Families: rotary with grouped heads; fused and transposed with biases; norms on heads; norms around sublayers with tied head; fused; experts.</summary>
    public static readonly string[] Models = ["llama", "gpt2", "qwen3", "gemma2", "phi3", "mixtral"];

    private static readonly (string Name, AdapterSpec Spec)[] Further =
    [
        ("lora rslora", new LoraSpec { Rank = 3, Alpha = 5, UseRsLora = true }),
        ("lora dropout", new LoraSpec { Rank = 3, Alpha = 5, Dropout = 0.3 }),
        ("lora saved norms", new LoraSpec { Rank = 2, ModulesToSave = ["norm", "ln_1"] }),
    ];

    /// <summary>Names of all cases.</summary>
    public static TheoryData<string, string> All
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string variant in Variants.Keys)
                foreach (string model in Models) data.Add(variant, model);
            return data;
        }
    }

    /// <summary>Settings by name.</summary>
    public static IReadOnlyDictionary<string, AdapterSpec> Variants { get; } =
        AdapterMethods.All.Select(method => (method.Name, method.Defaults)).Concat(Further).ToDictionary(variant => variant.Name, variant => variant.Item2);

    /// <summary>The settings of a variant as they fit a model: modules to save that it does not have are left out.</summary>
    public static AdapterSpec SpecOf(string variant, TestModel model)
    {
        var spec = Variants[variant];
        return spec with { ModulesToSave = [.. spec.ModulesToSave.Where(name => model.Modules.All.Any(module => module.Name.EndsWith(name, StringComparison.Ordinal)))] };
    }

    /// <summary>A fresh adapter.</summary>
    public static IAdapter Fresh(string variant, TestModel model, ScalarType type = ScalarType.Float32, ulong seed = 17)
    {
        var adapter = AdapterMethods.Build(SpecOf(variant, model), model.SiteOf(type));
        using var random = new Generator(seed);
        adapter.Initialize(random);
        return adapter;
    }

    /// <summary>An adapter on its way: every value has moved from its start.</summary>
    public static IAdapter Trained(string variant, TestModel model, ScalarType type = ScalarType.Float32, double distance = 0.05)
    {
        var adapter = Fresh(variant, model, type);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var random = new Generator(23);
        adapter.Parameters.Values.add_(randn([adapter.Parameters.Count], dtype: type, generator: random) * distance);
        return adapter;
    }

    /// <summary>What tensors of an adapter are called without the module: one of each kind is enough for a costly check.</summary>
    public static IEnumerable<string> OneOfEachKind(IAdapter adapter) => adapter.Parameters.Entries
        .GroupBy(entry => string.Join('.', entry.Name.Split('.').Where(part => !int.TryParse(part, CultureInfo.InvariantCulture, out _)).TakeLast(2)))
        .Select(kind => kind.First().Name);
}

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

    // Sizes that fit the small models where the usual ones are for large ones.
    private static readonly AdapterSpec[] Small =
    [
        new C3aSpec { BlockSize = 16, ExactGradient = true },
        new VbLoraSpec { Rank = 2, Vectors = 12, VectorLength = 16 },
        new RoadSpec { GroupSize = 16 },
        new ShiraSpec { Rank = 4 },
        new FourierFtSpec { Frequencies = 60 },
        new TrainableTokensSpec { TokenIndices = [3, 9, 14, 35], Targets = new TargetSelection { Pattern = ".*(embed_tokens|wte)" } },
        new BitFitSpec { AddMissing = true },
        new PromptTuningSpec { VirtualTokens = 4 },
        new PTuningSpec { VirtualTokens = 4 },
        new PrefixTuningSpec { VirtualTokens = 4 },
    ];

    private static readonly (string Name, AdapterSpec Spec)[] Further =
    [
        ("lora rslora", new LoraSpec { Rank = 3, Alpha = 5, UseRsLora = true }),
        ("lora dropout", new LoraSpec { Rank = 3, Alpha = 5, Dropout = 0.3 }),
        ("lora dora", new LoraSpec { Rank = 3, UseDora = true }),
        ("lora bias", new LoraSpec { Rank = 3, UseBias = true, Bias = BiasTraining.All }),
        ("lora pissa", new LoraSpec { Rank = 3, Initialisation = "pissa" }),
        ("lora olora", new LoraSpec { Rank = 3, Initialisation = "olora" }),
        ("lora plus", new LoraSpec { Rank = 3, LearningRateRatio = 4 }),
        ("lora fa", new LoraSpec { Rank = 3, FreezeA = true }),
        ("lora embedding", new LoraSpec { Rank = 3, Targets = new TargetSelection { Pattern = ".*(embed_tokens|wte|down_proj|c_proj)" } }),
        ("adalora scheduled", new AdaLoraSpec { InitialRank = 4, TargetRank = 2, FirstSteps = 1, LastSteps = 1, TotalSteps = 1000, Dropout = 0.1 }),
        ("vera dropout", new VeraSpec { Rank = 8, Dropout = 0.2, SaveProjection = false }),
        ("oft exact", new OftSpec { BlockSize = 16, UseCayleyNeumann = false, ModuleDropout = 0.3 }),
        ("boft factors", new BoftSpec { BlockSize = 4, Factors = 2 }),
        ("hra orthogonal", new HraSpec { Rank = 4, Orthogonal = true }),
        ("miss bat", new MissSpec { Rank = 8, Form = "bat" }),
        ("miss mini", new MissSpec { Rank = 8, MiniRank = 4, Form = "mini" }),
        ("prefix projection", new PrefixTuningSpec { VirtualTokens = 3, Projection = true, EncoderWidth = 16 }),
        ("p_tuning lstm", new PTuningSpec { VirtualTokens = 3, Encoder = "LSTM", EncoderWidth = 16, EncoderDropout = 0.1 }),
        ("bottleneck houlsby", new BottleneckSpec { Width = 8, Placement = "houlsby", Dropout = 0.2 }),
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
        AdapterMethods.All.Select(method => (method.Name, Small.FirstOrDefault(small => small.Method == method.Name) ?? method.Defaults)).Concat(Further).ToDictionary(variant => variant.Name, variant => variant.Item2);

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

    /// <summary>
    /// Tensors whose gradient is the slope of the loss. DoRA's norms are constants to the gradient, as its paper (section 4.3) and PEFT have it: only that
    /// of the magnitudes is the slope; those of its factors are compared with PEFT's.
    /// </summary>
    public static IEnumerable<string> WithTrueGradients(string variant, IAdapter adapter) =>
        OneOfEachKind(adapter).Where(name => variant != "lora dora" || name.EndsWith("magnitude_vector", StringComparison.Ordinal));

    /// <summary>What tensors of an adapter are called without the module: one of each kind is enough for a costly check.</summary>
    private static IEnumerable<string> OneOfEachKind(IAdapter adapter) => adapter.Parameters.Entries
        .GroupBy(entry => string.Join('.', entry.Name.Split('.').Where(part => !int.TryParse(part, CultureInfo.InvariantCulture, out _)).TakeLast(2)))
        .Select(kind => kind.First().Name);
}

using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Tensors;
using Studio.Core.Training;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters;

/// <summary>Every form of LoRA, AdaLoRA and trained token rows on a small model: gradients, starts, files, merges.</summary>
public sealed class LoraFamilyTests : TensorTest
{
    private static readonly Dictionary<string, AdapterSpec> Specs = new()
    {
        ["plain"] = Lora,
        ["every projection, ranks and alphas of their own"] = Lora with
        {
            Targets = TargetSelection.Of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj", "lm_head"),
            RankPattern = new Dictionary<string, int> { ["k_proj"] = 1, ["gate_proj"] = 6 },
            AlphaPattern = new Dictionary<string, double> { ["v_proj"] = 3, ["up_proj"] = 11 },
        },
        ["bias"] = Lora with { UseBias = true },
        ["biases of the base"] = Lora with { Bias = BiasTraining.TargetsOnly },
        ["embedding and head"] = Lora with { Targets = TargetSelection.Of("embed_tokens", "lm_head", "k_proj") },
        ["tokens"] = Lora with { Tokens = new TokenSelection { Embedding = [3, 9, 35] } },
        ["tokens of the head"] = Lora with { Tokens = new TokenSelection { Modules = new Dictionary<string, IReadOnlyList<int>> { ["lm_head"] = [9, 2], ["embed_tokens"] = [15] } } },
        ["dora"] = Lora with { UseDora = true },
        ["dora of the embedding"] = Lora with { UseDora = true, Targets = TargetSelection.Of("embed_tokens", "down_proj") },
        ["gaussian"] = Lora with { Initialisation = "gaussian" },
        ["orthogonal"] = Lora with { Initialisation = "orthogonal" },
        ["pissa"] = Lora with { Initialisation = "pissa" },
        ["pissa_niter"] = Lora with { Initialisation = "pissa_niter_4" },
        ["pissa with dora"] = Lora with { Initialisation = "pissa", UseDora = true, UseRsLora = true, RankPattern = new Dictionary<string, int> { ["v_proj"] = 2 } },
        ["olora"] = Lora with { Initialisation = "olora" },
        ["lora+"] = Lora with { LearningRateRatio = 8 },
        ["lora-fa"] = Lora with { FreezeA = true },
        ["adalora"] = new AdaLoraSpec { InitialRank = 4, TargetRank = 2, Targets = TargetSelection.Of("q_proj", "up_proj") },
        ["trainable tokens"] = new TrainableTokensSpec { TokenIndices = [9, 3, 38] },
    };

    private readonly TestDirectory _folder = new();

    public static TheoryData<string> Names => [.. Specs.Keys];

    private static LoraSpec Lora => new() { Rank = 4, Alpha = 6, Targets = TargetSelection.Of("q_proj", "v_proj", "down_proj") };

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradient_FromTheTape_EqualsAutograd(string name)
    {
        using var model = new TinyModel(bias: true);
        using var adapter = Build(name, model);
        Shake(adapter);
        var split = TestTraining.Split(model, adapter);
        var whole = TestTraining.Whole(model, adapter);
        Assert.Equal(whole.Loss, split.Loss, 1e-5);
        Assert.InRange(TestTraining.RelativeDifference(split, whole), 0, 1e-5);
        Assert.All(whole.Gradients, gradient => Assert.Contains(gradient.Value, value => value != 0));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradient_InDoublePrecision_EqualsAFiniteDifference(string name)
    {
        const double Step = 1e-4;
        if (name.Contains("dora", StringComparison.Ordinal)) return; // its norms count as constants, which a difference does not know
        using var model = new TinyModel(ScalarType.Float64, bias: true);
        using var adapter = AdapterMethods.Build(Specs[name], model.SiteOf(ScalarType.Float64));
        using (var random = new Generator(11)) adapter.Initialize(random);
        Shake(adapter);
        TestTraining.Accumulate(model, adapter);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var gradient = adapter.Parameters.Gradients.clone();
        adapter.Parameters.ReleaseGradients();
        double slope = gradient.norm().item<double>();
        var start = adapter.Parameters.Values.clone();
        adapter.Parameters.Values.add_(gradient / slope * Step);
        double above = TestTraining.Loss(model, adapter);
        adapter.Parameters.Values.copy_(start - gradient / slope * Step);
        double below = TestTraining.Loss(model, adapter);
        Assert.Equal(slope, (above - below) / (2 * Step), 1e-3 * slope);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Loss_OnABaseInBFloat16_IsNearThatInSinglePrecision(string name)
    {
        using var exact = new TinyModel(bias: true);
        using var reference = Build(name, exact);
        Shake(reference);
        double expected = TestTraining.Loss(exact, reference);
        using var model = new TinyModel(ScalarType.BFloat16, bias: true);
        PeftFormat.Save(reference, _folder.Root, "tiny");
        using var loaded = PeftFormat.Load(_folder.Root, model.Site);
        Assert.Equal(expected, TestTraining.Split(model, loaded).Loss, 0.1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Initialize_BeforeTraining_EqualsTheBase(string name)
    {
        using var model = new TinyModel(bias: true);
        using var adapter = Build(name, model);
        using var plain = Build("plain", model); // B is zero: adds nothing
        double extra = name == "adalora" ? Orthogonality(adapter) : 0;
        Assert.Equal(TestTraining.Loss(model, plain), TestTraining.Loss(model, adapter) - extra, 2e-6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Load_OfASavedAdapter_ActsTheSameAndTrainsOnTheSame(string name)
    {
        using var model = new TinyModel(bias: true);
        using var adapter = Build(name, model);
        Train(model, adapter, steps: 2);
        PeftFormat.Save(adapter, _folder.Root, "tiny");
        using var loaded = PeftFormat.Load(_folder.Root, model.Site);
        Assert.Equal(AdapterSpecJson.Write(adapter.Spec), AdapterSpecJson.Write(loaded.Spec));
        Assert.Equal(adapter.Parameters.Values.ToFloatArray(), loaded.Parameters.Values.ToFloatArray());
        Assert.Equal(TestTraining.Loss(model, adapter), TestTraining.Loss(model, loaded));
        using (no_grad())
        {
            loaded.Parameters.FirstMoments.copy_(adapter.Parameters.FirstMoments);
            loaded.Parameters.SecondMoments.copy_(adapter.Parameters.SecondMoments);
        }
        Train(model, adapter, steps: 1);
        Train(model, loaded, steps: 1);
        Assert.Equal(TestTraining.Loss(model, adapter), TestTraining.Loss(model, loaded));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Load_OfWhatPeftReads_ActsTheSame(string name)
    {
        using var model = new TinyModel(bias: true);
        using var adapter = Build(name, model);
        Shake(adapter);
        PeftFormat.Save(adapter, _folder.Root, "tiny", forContinuation: false);
        Assert.Equal([PeftFormat.ConfigFile, PeftFormat.WeightsFile], _folder.Entries);
        using var loaded = PeftFormat.Load(_folder.Root, model.Site);
        if (name == "biases of the base") return; // PEFT forgets them
        Assert.Equal(TestTraining.Loss(model, adapter), TestTraining.Loss(model, loaded), 1e-5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void MergeWeightAndBias_OfEveryTarget_ActLikeTheAdapter(string name)
    {
        using var model = new TinyModel(bias: true);
        using var adapter = Build(name, model);
        Shake(adapter);
        if (adapter.WhyNotMerged is { } reason)
        {
            Assert.Equal("embedding and head", name + reason); // none of these is refused
            return;
        }
        using var scope = NewDisposeScope();
        foreach (var module in model.Modules.All.Where(module => module.Kind == Core.Models.ModuleKind.Linear))
        {
            using var grad = no_grad();
            var (weight, bias) = model.Weights(module.Layer);
            var x = randn([5, module.InputFeatures], generator: new Generator(4));
            var y = nn.functional.linear(x, weight, bias);
            var pass = new AdapterPass(false, null, kept => kept);
            adapter.BeginPass(pass);
            var expected = adapter.ChangesOutput(module) ? adapter.ChangeOutput(module, x, y, pass) : y;
            var merged = nn.functional.linear(x, adapter.MergeWeight(module, weight), adapter.MergeBias(module, bias));
            Assert.InRange((merged - expected).abs().max().item<float>(), 0, 2e-5);
        }
    }

    [Fact]
    public void BeginPass_DoraWhoseValuesAreTheSame_KeepsItsNorms()
    {
        using var model = new TinyModel();
        using var adapter = Build("dora", model);
        Shake(adapter);
        long before = adapter.Parameters.Version;
        double first = TestTraining.Loss(model, adapter);
        Assert.Equal(before, adapter.Parameters.Version);
        Shake(adapter, seed: 12);
        Assert.NotEqual(before, adapter.Parameters.Version);
        Assert.NotEqual(first, TestTraining.Loss(model, adapter));
    }

    [Fact]
    public void Version_AfterAnOptimizerStep_IsAnother()
    {
        using var model = new TinyModel();
        using var adapter = Build("dora", model);
        long before = adapter.Parameters.Version;
        Train(model, adapter, steps: 1);
        Assert.NotEqual(before, adapter.Parameters.Version);
    }

    [Fact]
    public void Initialize_ComputedFromData_IsRefusedByName()
    {
        using var model = new TinyModel();
        using var random = new Generator(1);
        foreach (string word in new[] { "eva", "corda", "loftq" })
        {
            using var adapter = AdapterMethods.Build(Lora with { Initialisation = word }, model.Site);
            Assert.Contains($"'{word}'", Assert.Throws<NotSupportedException>(() => adapter.Initialize(random)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Entries_OfLoraFa_HaveNoA()
    {
        using var model = new TinyModel();
        using var adapter = Build("lora-fa", model);
        Assert.DoesNotContain(adapter.Parameters.Entries, entry => entry.Name.Contains("lora_A", StringComparison.Ordinal));
        PeftFormat.Save(adapter, _folder.Root, "tiny");
        using var file = SafeTensorsFile.Open(_folder.File(PeftFormat.WeightsFile));
        Assert.Contains(file.Header.Tensors.Keys, name => name.Contains("lora_A", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(41, "The trained token 41 is not in model.embed_tokens; expected ids from 0 to 40.")]
    [InlineData(3, "The trained token 3 is named twice.")]
    public void Problems_TokensThatDoNotFit_AreNamed(int id, string expected)
    {
        using var model = new TinyModel();
        Assert.Equal([expected], (Lora with { Tokens = new TokenSelection { Embedding = [3, id] } }).Problems(model.Modules));
        Assert.Equal([expected], new TrainableTokensSpec { TokenIndices = [3, id] }.Problems(model.Modules));
    }

    [Fact]
    public void Problems_TokensOfATarget_AreNamed()
    {
        using var model = new TinyModel();
        var spec = Lora with { Targets = TargetSelection.Of("embed_tokens"), Tokens = new TokenSelection { Embedding = [3] } };
        Assert.Equal(["model.embed_tokens is a target module and has trained token rows; expected one of them."], spec.Problems(model.Modules));
    }

    protected override void Release() => _folder.Dispose();

    private static IAdapter Build(string name, TinyModel model)
    {
        var spec = Specs[name];
        var adapter = AdapterMethods.Build(spec, model.Site);
        using var random = new Generator(11);
        adapter.Initialize(random);
        return adapter;
    }

    private static void Shake(IAdapter adapter, ulong seed = 5)
    {
        using var random = new Generator(seed);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        adapter.Parameters.Values.add_(randn(adapter.Parameters.Count, dtype: adapter.Parameters.Type, generator: random) * 0.1);
    }

    private static void Train(TinyModel model, IAdapter adapter, int steps)
    {
        var optimizer = new FlatAdamW(new AdamWOptions());
        for (int step = 1; step <= steps; step++)
        {
            TestTraining.Accumulate(model, adapter);
            optimizer.Step(adapter.Parameters, 1e-3);
            adapter.AfterStep(new AdapterStep(step, 10, 1e-3));
            adapter.Parameters.ReleaseGradients();
        }
    }

    private static double Orthogonality(IAdapter adapter)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        return adapter.ExtraLoss(new AdapterPass(false, null, x => x))!.item<float>();
    }
}

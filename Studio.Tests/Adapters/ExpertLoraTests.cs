using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters;

/// <summary>LoRA on the projections of experts, against PEFT's formula over whole weights and against finite differences.</summary>
public sealed class ExpertLoraTests : TensorTest
{
    private static readonly int[][] Samples = [[3, 14, 15, 9, 2, 77], [6, 5, 35, 120], [8, 9, 7, 9, 3, 2, 38]];

    private readonly TestDirectory _folder = new();

    public static TheoryData<string> Families => ["mixtral", "qwen3_moe", "qwen2_moe", "olmoe", "granitemoe", "gpt_oss"];

    [Theory]
    [MemberData(nameof(Families))]
    public void LossAndGradient_OfEveryExpert_EqualThoseOfWholeWeights(string family)
    {
        using var model = Load(family, ScalarType.Float32);
        using var adapter = Build(model);
        double reference = WholeLoss(model, adapter);
        var expected = Gradients(adapter);
        double loss = SplitLoss(model, adapter);
        var found = Gradients(adapter);
        Assert.Equal(reference, loss, 1e-5);
        foreach (var (name, gradient) in expected)
        {
            float largest = gradient.Max(Math.Abs);
            Assert.True(largest > 1e-5, $"{name} has no gradient, the test would prove nothing.");
            for (int i = 0; i < gradient.Length; i++) Assert.Equal(gradient[i], found[name][i], 1e-4f * largest + 1e-6f);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Gradient_InDoublePrecision_EqualsAFiniteDifference(string family)
    {
        const double Step = 1e-4;
        using var model = Load(family, ScalarType.Float64);
        using var adapter = Build(model);
        SplitLoss(model, adapter);
        using var scope = NewDisposeScope();
        var gradient = adapter.Parameters.Gradients.clone();
        adapter.Parameters.ReleaseGradients();
        double slope = gradient.norm().item<double>();
        using var grad = no_grad();
        var start = adapter.Parameters.Values.clone();
        adapter.Parameters.Values.add_(gradient / slope * Step);
        double above = WholeLoss(model, adapter, backward: false);
        adapter.Parameters.Values.copy_(start - gradient / slope * Step);
        double below = WholeLoss(model, adapter, backward: false);
        Assert.True(slope > 1e-3, "The direction has no slope, the test would prove nothing.");
        Assert.Equal(slope, (above - below) / (2 * Step), 5e-3 * slope);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void MergeExpert_OfEveryProjection_EqualsPeftsFormula(string family)
    {
        using var model = Load(family, ScalarType.Float32);
        using var adapter = Build(model);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var whole = WholeWeights(model, adapter);
        foreach (var layer in model.Config.WeightLayers().Where(layer => layer.Expert != LayerId.NoExpert))
        {
            var merged = adapter.MergeExpert(layer, new DirectBaseLayers(model.Layers).Weight(layer));
            Assert.InRange((merged - whole(layer).Weight).abs().max().item<float>(), 0, 1e-5);
        }
    }

    [Theory]
    [InlineData("gpt_oss", "mlp.experts.base_layer.lora_A.weight", "mlp.experts.lora_B.weight")]
    [InlineData("mixtral", "mlp.experts.base_layer.lora_A.weight", "mlp.experts.lora_B.weight")]
    [InlineData("granitemoe", "block_sparse_moe.input_linear.lora_A.weight", "block_sparse_moe.output_linear.lora_B.weight")]
    public void Save_AndLoad_KeepsPeftsNamesAndValues(string family, string first, string last)
    {
        using var model = Load(family, ScalarType.Float32);
        using var adapter = Build(model);
        PeftFormat.Save(adapter, _folder.Root, family);
        Assert.Equal([PeftFormat.ConfigFile, PeftFormat.WeightsFile], _folder.Entries);
        using (var file = SafeTensorsFile.Open(_folder.File(PeftFormat.WeightsFile)))
        {
            Assert.Contains("base_model.model.model.layers.0." + first, file.Header.Tensors.Keys);
            Assert.Contains("base_model.model.model.layers.1." + last, file.Header.Tensors.Keys);
        }
        using var loaded = PeftFormat.Load(_folder.Root, model.Site);
        Assert.Equal(AdapterSpecJson.Write(adapter.Spec), AdapterSpecJson.Write(loaded.Spec));
        Assert.Equal(adapter.Parameters.Values.ToFloatArray(), loaded.Parameters.Values.ToFloatArray());
    }

    [Fact]
    public void Forward_SequencesOfSeveralAdapters_EachGetsItsOwn()
    {
        using var model = Load("qwen3_moe", ScalarType.Float32);
        using var one = Build(model, seed: 1);
        using var other = Build(model, seed: 2);
        IAdapter?[] owners = [one, null, other];
        float[] together = Logits(model, Samples, owners);
        float[] apart = [.. Samples.Zip(owners).SelectMany(pair => Logits(model, [pair.First], [pair.Second]))];
        Assert.Equal(apart.Length, together.Length);
        for (int i = 0; i < apart.Length; i++) Assert.Equal(apart[i], together[i], 2e-4f);
    }

    [Fact]
    public void Problems_ParameterOfAnotherModel_IsNamed()
    {
        using var model = Load("granitemoe", ScalarType.Float32);
        var spec = new LoraSpec { Targets = new TargetSelection(), TargetParameters = ["mlp.experts.gate_up_proj"], Dropout = 0.1 };
        Assert.Equal(
            [
                "The target parameter 'mlp.experts.gate_up_proj' matches no projection of experts in this model; it has block_sparse_moe.input_linear.weight, block_sparse_moe.output_linear.weight.",
                "Target parameters exclude dropout; expected a dropout of 0.",
            ], spec.Problems(model.Modules));
    }

    protected override void Release() => _folder.Dispose();

    private static MixtureModel Load(string family, ScalarType type) => new(family, type);

    private static IAdapter Build(MixtureModel model, ulong seed = 3)
    {
        var spec = new LoraSpec
        {
            Rank = 3, Alpha = 5, Targets = TargetSelection.Of("o_proj"),
            TargetParameters = [.. model.Modules.Experts.Select(target => target.FullName[(target.FullName.IndexOf("layers.", StringComparison.Ordinal) + 9)..]).Distinct()],
            RankPattern = new Dictionary<string, int> { [@"layers\.1\..*(gate_up_proj|input_linear\.weight)"] = 2 },
        };
        var adapter = AdapterMethods.Build(spec, model.Site);
        using var random = new Generator(seed);
        using var grad = no_grad();
        adapter.Initialize(random);
        using var scope = NewDisposeScope();
        adapter.Parameters.Values.add_(randn(adapter.Parameters.Count, dtype: model.Type, generator: random) * 0.1);
        return adapter;
    }

    // W + scale * einsum("o r e, e r i -> e i o", B, A), as peft/tuners/lora/layer.py has it (ParamWrapper.get_delta_weight).
    private static Func<LayerId, LinearWeights> WholeWeights(MixtureModel model, IAdapter adapter)
    {
        var spec = (LoraSpec)adapter.Spec;
        var direct = new DirectBaseLayers(model.Layers);
        var deltas = new Dictionary<LayerId, Tensor>();
        foreach (var target in model.Modules.Experts)
        {
            bool isInner = target.Parameter == "gate_up_proj";
            string prefix = PeftFormat.KeyPrefix + target.Module + (isInner ? ".base_layer" : "");
            int rank = ModulePattern.Lookup(spec.RankPattern, target.FullName, spec.Rank);
            var a = adapter.Parameters[prefix + ".lora_A.weight"].view(target.Count, rank, -1);
            var b = adapter.Parameters[prefix + ".lora_B.weight"].view(-1, rank, target.Count);
            var delta = einsum("ore,eri->eio", b, a) * (spec.Alpha / rank);
            deltas[target.Call] = target.InputsFirst ? delta.transpose(1, 2) : delta; // [experts, out, in]
        }
        return layer =>
        {
            var weight = direct.Weight(layer).to(model.Type);
            var bias = direct.Bias(layer)?.to(model.Type);
            if (layer.Expert != LayerId.NoExpert)
            {
                var call = deltas.Keys.Single(call => call.Block == layer.Block && model.Config.Describe(call).Parts.Any(part => part.Layer.Projection == layer.Projection));
                var part = model.Config.Describe(call).Parts.Single(part => part.Layer.Projection == layer.Projection);
                weight = weight + deltas[call][layer.Expert].narrow(0, part.Offset, part.Width);
            }
            return new LinearWeights(weight, bias);
        };
    }

    private static double WholeLoss(MixtureModel model, IAdapter adapter, bool backward = true)
    {
        using var scope = NewDisposeScope();
        // The expert updates are in the weights; the adapter's other part, on o_proj, is applied as usual.
        var rest = new WithoutExperts(adapter); // owns nothing
        var context = new AutogradContext(model.Model, WholeWeights(model, adapter), adapter: rest);
        var loss = LossOf(model, context, model.Model.Forward(context, SequenceBatch.Of(Samples)));
        if (backward)
        {
            loss.backward();
            adapter.Parameters.CollectGradients();
        }
        return loss.detach().to(ScalarType.Float64).item<double>();
    }

    private static double SplitLoss(MixtureModel model, IAdapter adapter)
    {
        using var scope = NewDisposeScope();
        var layers = new DirectBaseLayers(model.Layers);
        using var tape = new SplitTape(layers);
        var context = SplitContext.ForTraining(layers, model.Modules, tape, adapter, random: null);
        var loss = LossOf(model, context, tape.Cut(model.Model.Forward(context, SequenceBatch.Of(Samples))));
        loss.backward();
        tape.Backward();
        adapter.Parameters.CollectGradients();
        return loss.detach().to(ScalarType.Float64).item<double>();
    }

    private static Tensor LossOf(MixtureModel model, AdaptedContext context, Tensor hidden)
    {
        var logits = model.Model.Logits(context, hidden, [new RowSpan(0, (int)hidden.size(0), 0)]);
        long[] targets = [.. Samples.SelectMany(sample => sample.Skip(1).Select(id => (long)id).Append(-100))];
        return nn.functional.cross_entropy(logits, tensor(targets, dtype: ScalarType.Int64), ignore_index: -100);
    }

    private static float[] Logits(MixtureModel model, int[][] samples, IReadOnlyList<IAdapter?> adapters)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var context = SplitContext.ForInference(new DirectBaseLayers(model.Layers), model.Modules, adapters);
        var hidden = model.Model.Forward(context, SequenceBatch.Of(samples));
        var rows = new List<RowSpan>();
        for (int i = 0, start = 0; i < samples.Length; start += samples[i++].Length) rows.Add(new RowSpan(start, samples[i].Length, i));
        return model.Model.Logits(context, hidden, rows).ToFloatArray();
    }

    private static Dictionary<string, float[]> Gradients(IAdapter adapter)
    {
        using var scope = NewDisposeScope();
        var gradients = adapter.Parameters.Entries.ToDictionary(entry => entry.Name, entry => adapter.Parameters.Slice(adapter.Parameters.Gradients, entry.Name).ToFloatArray());
        adapter.Parameters.ReleaseGradients();
        return gradients;
    }

    /// <summary>A fixture's model in any type.</summary>
    private sealed class MixtureModel : IDisposable
    {
        private readonly Checkpoint _checkpoint;

        public MixtureModel(string family, ScalarType type)
        {
            Type = type;
            _checkpoint = Checkpoint.Open(FixtureFolder.Model(family));
            using var reader = new WeightReader(_checkpoint, type, CPU);
            Layers = FrozenLayers.Load(reader);
            Model = DecoderModel.Load(reader);
        }

        public ScalarType Type { get; }

        public FrozenLayers Layers { get; }

        public DecoderModel Model { get; }

        public DecoderConfig Config => Model.Config;

        public ModuleMap Modules => Model.Modules;

        public AdapterSite Site => new() { Modules = Modules, Norms = Model.Norms, Base = new DirectBaseLayers(Layers), ComputeType = Type, Device = CPU, Type = Type };

        public void Dispose()
        {
            Model.Dispose();
            Layers.Dispose();
            _checkpoint.Dispose();
        }
    }

    private sealed class WithoutExperts(IAdapter inner) : Adapter
    {
        public override AdapterSpec Spec => inner.Spec;

        public override FlatParameters Parameters => inner.Parameters;

        public override void Initialize(Generator random) => inner.Initialize(random);

        public override void BeginPass(AdapterPass pass) => inner.BeginPass(pass);

        public override bool ChangesOutput(ModuleTarget module) => inner.ChangesOutput(module);

        public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass) => inner.ChangeOutput(module, x, y, pass);
    }
}

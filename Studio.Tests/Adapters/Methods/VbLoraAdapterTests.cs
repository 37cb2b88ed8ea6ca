using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

public sealed class VbLoraAdapterTests : TensorTest
{
    private static readonly VbLoraSpec Spec = new() { Rank = 3, Vectors = 10, VectorLength = 4, TopK = 3, Targets = TargetSelection.Of("q_proj", "v_proj", "down_proj") };

    [Theory]
    [InlineData("llama", "vblora")]
    [InlineData("llama", "vblora_topk_only")]
    [InlineData("gpt2", "vblora")]
    [InlineData("gpt2", "vblora_topk_only")]
    public void Save_AfterLoadingPeftsFolder_WritesTheSame(string baseModel, string name) => MethodProof.RoundTrip(baseModel, name);

    [Fact]
    public void Gradients_FromTheTape_EqualFiniteDifferences() => MethodProof.Gradients(Spec, 1);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Change_OfUnevenModules_EqualsTheDenseFormula(int topK)
    {
        using var model = new TinyModel(ScalarType.Float64);
        using var same = MethodProof.Random(Spec with { TopK = topK }, model.SiteOf(ScalarType.Float64));
        double[] bank = MethodProof.Numbers(same.Parameters["base_model.vblora_vector_bank"]);
        MethodProof.ActsLike(Spec with { TopK = topK }, (module, values) =>
        {
            double[] a = values("vblora_logits_A"), b = values("vblora_logits_B");
            int tiles = module.InputFeatures / 4;
            return MethodProof.Matrix(module.OutputFeatures, module.InputFeatures,
                (i, j) => Enumerable.Range(0, 3).Sum(k => Mix(b, i / 4 * 3 + k, i % 4) * Mix(a, k * tiles + j / 4, j % 4)));
        });

        double Mix(double[] logits, int piece, int at)
        {
            var largest = Enumerable.Range(0, 10).Select(n => (Logit: logits[piece * 10 + n], Vector: n)).OrderByDescending(entry => entry.Logit).Take(topK).ToArray();
            return largest.Sum(entry => Math.Exp(entry.Logit) * bank[entry.Vector * 4 + at]) / largest.Sum(entry => Math.Exp(entry.Logit));
        }
    }

    [Theory]
    [InlineData(255, ScalarType.Byte)]
    [InlineData(256, ScalarType.Int16)]
    [InlineData(32768, ScalarType.Int32)]
    public void Save_MixesOnly_TakesTheNarrowestIndexAndServesTheSame(int vectors, ScalarType type)
    {
        using var model = new TinyModel();
        using var folder = new TestDirectory();
        using var adapter = MethodProof.Random(Spec with { Vectors = vectors, SavesTopKOnly = true, Targets = TargetSelection.Of("v_proj") }, model.Site);
        PeftFormat.Save(adapter, folder.Root, "tiny", forContinuation: false);
        using (var stored = Studio.Core.Tensors.SafeTensorsFile.Open(folder.File(PeftFormat.WeightsFile)))
            Assert.All(stored.Header.Tensors.Values.Where(tensor => tensor.Name.EndsWith("_topk_indices", StringComparison.Ordinal)), tensor => Assert.Equal(type, tensor.Type));
        using var loaded = PeftFormat.Load(folder.Root, model.Site);
        Assert.Equal(TestTraining.Loss(model, adapter), TestTraining.Loss(model, loaded), 1e-5);
    }

    [Fact]
    public void Training_OfMixesOnly_IsRefusedWithTheReason()
    {
        using var model = new TinyModel();
        using var folder = new TestDirectory();
        using (var adapter = MethodProof.Random(Spec with { SavesTopKOnly = true }, model.Site)) PeftFormat.Save(adapter, folder.Root, "tiny", forContinuation: false);
        using var loaded = PeftFormat.Load(folder.Root, model.Site);
        using var random = new Generator(1);
        Assert.Contains("training needs the logits, which the file does not have", Assert.Throws<NotSupportedException>(() => TestTraining.Split(model, loaded, random: random)).Message, StringComparison.Ordinal);
        Assert.Throws<NotSupportedException>(() => loaded.Initialize(random));
    }

    [Fact]
    public void Load_MixesWithAContinuation_TrainsOn()
    {
        using var model = new TinyModel();
        using var folder = new TestDirectory();
        using var adapter = MethodProof.Random(Spec with { SavesTopKOnly = true }, model.Site);
        PeftFormat.Save(adapter, folder.Root, "tiny");
        using var loaded = PeftFormat.Load(folder.Root, model.Site);
        PassResult expected = Pass(adapter), found = Pass(loaded);
        Assert.Equal(expected.Loss, found.Loss);
        Assert.Equal(0, TestTraining.RelativeDifference(found, expected));

        PassResult Pass(IAdapter trained)
        {
            using var random = new Generator(1);
            return TestTraining.Split(model, trained, random: random);
        }
    }

    [Fact]
    public void Training_WithDropout_IsReproducible() => MethodProof.DropsReproducibly(Spec with { Dropout = 0.3 });

    [Fact]
    public void Build_SettingsThatDoNotFit_AreRefused()
    {
        Assert.Contains("Vector length 16 does not divide the weight [24, 24]", MethodProof.Refusal(Spec with { VectorLength = 16 }), StringComparison.Ordinal);
        Assert.Contains("Vectors a mix are 11; expected at most the 10 in the bank", MethodProof.Refusal(Spec with { TopK = 11 }), StringComparison.Ordinal);
    }
}

using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Tensors;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

public sealed class RandLoraAdapterTests : TensorTest
{
    private static readonly RandLoraSpec Spec = new() { Rank = 5, Alpha = 3, ProjectionSeed = 4, Targets = TargetSelection.Of("q_proj", "v_proj", "gate_proj", "down_proj") };

    public static TheoryData<bool, bool, bool> Bases => new() { { false, false, true }, { true, false, false }, { false, true, true } };

    [Fact]
    public void Save_AfterLoadingPeftsFolder_WritesTheSame() => MethodProof.RoundTrip("llama", "randlora");

    [Fact]
    public void Bases_FromTheSeed_AreThoseThatPeftStored()
    {
        string folder = FixtureFolder.Adapter(Path.Combine("llama", "randlora"));
        using var model = BaseModel.Load("llama", FixtureFolder.Model("llama"), ScalarType.Float32, CPU);
        using var fresh = (RandLoraAdapter)AdapterMethods.Build(PeftFormat.ReadSpec(folder), model.AdapterSite());
        using var stored = SafeTensorsFile.Open(Path.Combine(folder, PeftFormat.WeightsFile));
        using var a = stored.Map("base_model.randlora_A");
        using var b = stored.Map("base_model.randlora_B");
        Assert.Equal(MethodProof.Numbers(a), MethodProof.Numbers(fresh.BasesA));
        Assert.Equal(MethodProof.Numbers(b), MethodProof.Numbers(fresh.BasesB));
    }

    [Fact]
    public void Gradients_FromTheTape_EqualFiniteDifferences() => MethodProof.Gradients(Spec, 0.1);

    [Theory]
    [MemberData(nameof(Bases))]
    public void Change_OfUnevenModules_EqualsTheDenseFormula(bool sparse, bool verySparse, bool saved)
    {
        var spec = Spec with { IsSparse = sparse, IsVerySparse = verySparse, SaveProjection = saved };
        using var model = new TinyModel(ScalarType.Float64);
        using var same = (RandLoraAdapter)AdapterMethods.Build(spec, model.SiteOf(ScalarType.Float64));
        double[] a = MethodProof.Numbers(same.BasesA), b = MethodProof.Numbers(same.BasesB);
        Assert.Equal([5, 1, 40], same.BasesA.shape);
        Assert.Equal([40, 8, 5], same.BasesB.shape);
        if (sparse || verySparse) Assert.Equal(3, a.Distinct().Count());
        MethodProof.ActsLike(spec, (module, values) =>
        {
            int smaller = Math.Min(module.InputFeatures, module.OutputFeatures), count = (smaller + 4) / 5;
            double[] lambda = values("randlora_lambda"), gamma = values("randlora_gamma");
            return MethodProof.Matrix(module.OutputFeatures, module.InputFeatures, (i, j) =>
            {
                var (large, small) = module.InputFeatures <= module.OutputFeatures ? (i, j) : (j, i);
                double sum = 0;
                for (int t = 0; t < 5 * count; t++)
                {
                    // The t-th row counts bases fastest on one side, ranks fastest on the other.
                    int rank = t / count, basis = t % count;
                    sum += b[(large * 8 + t / 5) * 5 + t % 5] * lambda[rank * count + basis] * a[rank * 40 + small] * gamma[basis * smaller + small];
                }
                return sum * 3 / 5;
            });
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Load_OfASavedAdapter_ActsTheSame(bool saved)
    {
        using var model = new TinyModel();
        using var folder = new TestDirectory();
        using var adapter = MethodProof.Random(Spec with { SaveProjection = saved }, model.Site);
        PeftFormat.Save(adapter, folder.Root, "tiny");
        using var loaded = PeftFormat.Load(folder.Root, model.Site);
        Assert.Equal(TestTraining.Loss(model, adapter), TestTraining.Loss(model, loaded));
    }

    [Fact]
    public void Load_ModuleWithBasesOfItsOwn_IsRefused()
    {
        using var model = new TinyModel();
        using var folder = new TestDirectory();
        using (var adapter = MethodProof.Random(Spec, model.Site)) PeftFormat.Save(adapter, folder.Root, "tiny");
        const string Changed = "base_model.model.model.layers.1.mlp.down_proj.randlora_A";
        using (var stored = SafeTensorsFile.Open(folder.File(PeftFormat.WeightsFile)))
        {
            var tensors = stored.ReadAll();
            using (NewDisposeScope()) tensors[Changed].zero_();
            SafeTensorsFile.Write(folder.File("changed"), [.. tensors]);
            foreach (var tensor in tensors.Values) tensor.Dispose();
        }
        File.Move(folder.File("changed"), folder.File(PeftFormat.WeightsFile), overwrite: true);
        Assert.Contains($"{Changed} differs from the bases that all modules share", Assert.Throws<InvalidDataException>(() => PeftFormat.Load(folder.Root, model.Site)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Initialize_ByDefault_BeginsAtTheBase() => MethodProof.BeginsAtBase(Spec);

    [Fact]
    public void Training_WithDropout_IsReproducible() => MethodProof.DropsReproducibly(Spec with { Dropout = 0.3 });
}

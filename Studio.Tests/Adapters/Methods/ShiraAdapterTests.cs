using System.Text.Json.Nodes;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

public sealed class ShiraAdapterTests : TensorTest
{
    private static readonly ShiraSpec Spec = new() { Rank = 2, MaskSeed = 9, Targets = TargetSelection.Of("q_proj", "v_proj", "down_proj") };

    [Fact]
    public void Save_AfterLoadingPeftsFolder_WritesTheSame() => MethodProof.RoundTrip("llama", "shira");

    [Fact]
    public void Places_FromTheSeed_AreThoseThatPeftDrew()
    {
        string folder = FixtureFolder.Adapter(Path.Combine("llama", "shira"));
        using var model = Studio.Core.Execution.BaseModel.Load("llama", FixtureFolder.Model("llama"), ScalarType.Float32, CPU);
        using var fresh = AdapterMethods.Build(PeftFormat.ReadSpec(folder), Studio.Core.Clients.AdapterSites.AdapterSite(model));
        using var stored = Studio.Core.Tensors.SafeTensorsFile.Open(Path.Combine(folder, PeftFormat.WeightsFile));
        using var scope = NewDisposeScope();
        var export = new AdapterExport();
        fresh.Export(export);
        string[] names = [.. export.Weights.Keys.Where(name => name.EndsWith("shira_indices", StringComparison.Ordinal))];
        Assert.Equal(6, names.Length);
        Assert.All(names, name =>
        {
            using var theirs = stored.Map(name);
            Assert.Equal(MethodProof.Numbers(theirs), MethodProof.Numbers(export.Weights[name]));
        });
    }

    [Fact]
    public void Gradients_FromTheTape_EqualFiniteDifferences() => MethodProof.Gradients(Spec);

    [Theory]
    [InlineData(null)]
    [InlineData(9)]
    public void Change_OfUnevenModules_EqualsTheDenseFormula(int? seed) => MethodProof.ActsLike(Spec with { MaskSeed = seed }, (module, values) =>
    {
        double[] changes = values("shira_weight"), places = values("shira_indices");
        Assert.Equal(2 * (module.InputFeatures + module.OutputFeatures), changes.Length);
        var dense = new double[module.OutputFeatures, module.InputFeatures];
        for (int k = 0; k < changes.Length; k++) dense[(int)places[k], (int)places[changes.Length + k]] += changes[k];
        return dense;
    });

    [Fact]
    public void Initialize_ByDefault_BeginsAtTheBase() => MethodProof.BeginsAtBase(Spec);

    [Fact]
    public void Build_RankBeyondTheWeights_IsRefused() =>
        Assert.Contains("Rank 9 would train 324 of the 288 weights of 'model.layers.0.self_attn.v_proj'", MethodProof.Refusal(Spec with { Rank = 9 }), StringComparison.Ordinal);

    [Fact]
    public void Initialize_MaskOfAnotherProgram_IsRefused()
    {
        using var model = new TinyModel();
        using var adapter = AdapterMethods.Build(Spec with { MaskType = "mine" }, model.Site);
        using var random = new Generator(1);
        Assert.Contains("SHiRA's mask 'mine'", Assert.Throws<NotSupportedException>(() => adapter.Initialize(random)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_MaskOfAnotherProgram_TakesTheStoredPlaces()
    {
        using var model = new TinyModel();
        using var folder = new TestDirectory();
        using var adapter = MethodProof.Random(Spec, model.Site);
        PeftFormat.Save(adapter, folder.Root, "tiny");
        var config = JsonNode.Parse(File.ReadAllText(folder.File(PeftFormat.ConfigFile)))!.AsObject();
        config["mask_type"] = "mine";
        config["random_seed"] = null;
        File.WriteAllText(folder.File(PeftFormat.ConfigFile), config.ToJsonString());
        using var loaded = PeftFormat.Load(folder.Root, model.Site);
        Assert.Equal(TestTraining.Loss(model, adapter), TestTraining.Loss(model, loaded));
    }

    [Fact]
    public void Load_PlacesOutsideOfTheWeight_IsRefused()
    {
        using var model = new TinyModel();
        using var narrow = new TestDirectory();
        using (var adapter = MethodProof.Random(Spec with { Targets = TargetSelection.Of("down_proj") }, model.Site)) PeftFormat.Save(adapter, narrow.Root, "tiny");
        // The same number of values with rows and columns exchanged.
        using (var stored = Studio.Core.Tensors.SafeTensorsFile.Open(narrow.File(PeftFormat.WeightsFile)))
        {
            var tensors = stored.ReadAll();
            using (NewDisposeScope())
                Studio.Core.Tensors.SafeTensorsFile.Write(narrow.File("changed"), [.. tensors.Select(entry => KeyValuePair.Create(entry.Key, entry.Value.dim() == 2 ? entry.Value.flip(0) : entry.Value))]);
            foreach (var tensor in tensors.Values) tensor.Dispose();
        }
        File.Move(narrow.File("changed"), narrow.File(PeftFormat.WeightsFile), overwrite: true);
        Assert.Contains("points outside of the weight [24, 40]", Assert.Throws<InvalidDataException>(() => PeftFormat.Load(narrow.Root, model.Site)).Message, StringComparison.Ordinal);
    }
}

using System.Text.Json.Nodes;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Tensors;
using Studio.Core.Training;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters;

/// <summary>AdaLoRA's rank schedule over a short training.</summary>
public sealed class AdaLoraTests : TensorTest
{
    private const int Steps = 12;

    private static readonly AdaLoraSpec Spec = new() { InitialRank = 6, TargetRank = 3, FirstSteps = 2, LastSteps = 4, Targets = TargetSelection.Of("q_proj", "v_proj") };

    private readonly TestDirectory _folder = new();

    [Fact]
    public void AfterStep_OverAWholeRun_KeepsTheFinalRankOnAverage()
    {
        using var model = new TinyModel();
        using var adapter = Fresh(model);
        Train(model, adapter, 1, 3);
        Assert.Equal(4 * 6, Kept(adapter)); // the first steps lower nothing
        Train(model, adapter, 4, Steps);
        Assert.Equal(4 * 3, Kept(adapter));
    }

    [Fact]
    public void Save_AfterTheSchedule_StoresWhatIsKeptAndSaysSoInTheConfig()
    {
        using var model = new TinyModel();
        using var adapter = Fresh(model);
        Train(model, adapter, 1, Steps);
        PeftFormat.Save(adapter, _folder.Root, "tiny", forContinuation: false);
        var config = JsonNode.Parse(File.ReadAllText(_folder.File(PeftFormat.ConfigFile)))!;
        Assert.Equal(Steps, config["total_step"]!.GetValue<int>());
        var pattern = config["rank_pattern"]!.AsObject();
        Assert.Equal(4 * 3, pattern.Sum(entry => entry.Value!.AsArray().Count(kept => kept!.GetValue<bool>())));
        using (var file = SafeTensorsFile.Open(_folder.File(PeftFormat.WeightsFile)))
            Assert.All(pattern, entry => Assert.Equal(entry.Value!.AsArray().Count(kept => kept!.GetValue<bool>()), file.Header.Tensors[PeftFormat.KeyPrefix + entry.Key].Shape[0]));

        using var loaded = PeftFormat.Load(_folder.Root, model.Site);
        Assert.True(((AdaLoraSpec)loaded.Spec).IsSettled);
        // The orthogonality counts what is kept alone; what the adapter does to the model is the same.
        Assert.Equal(TestTraining.Loss(model, adapter) - Extra(adapter), TestTraining.Loss(model, loaded) - Extra(loaded), 1e-5);
        PeftFormat.Save(loaded, Directory.CreateDirectory(_folder.File("again")).FullName, "tiny");
        Assert.Equal(File.ReadAllBytes(_folder.File(PeftFormat.WeightsFile)), File.ReadAllBytes(Path.Combine(_folder.File("again"), PeftFormat.WeightsFile)));
        Assert.Equal(File.ReadAllText(_folder.File(PeftFormat.ConfigFile)), File.ReadAllText(Path.Combine(_folder.File("again"), PeftFormat.ConfigFile)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    [InlineData(10)]
    public void Load_InTheMiddleOfTheSchedule_GoesOnAsIfNothingHadHappened(int pause)
    {
        using var model = new TinyModel();
        using var adapter = Fresh(model);
        Train(model, adapter, 1, pause);
        PeftFormat.Save(adapter, _folder.Root, "tiny");
        using var loaded = PeftFormat.Load(_folder.Root, model.Site);
        Assert.Equal(adapter.Parameters.Values.ToFloatArray(), loaded.Parameters.Values.ToFloatArray());
        using (no_grad())
        {
            loaded.Parameters.FirstMoments.copy_(adapter.Parameters.FirstMoments);
            loaded.Parameters.SecondMoments.copy_(adapter.Parameters.SecondMoments);
        }
        Train(model, adapter, pause + 1, Steps);
        Train(model, loaded, pause + 1, Steps);
        Assert.Equal(adapter.Parameters.Values.ToFloatArray(), loaded.Parameters.Values.ToFloatArray());
    }

    protected override void Release() => _folder.Dispose();

    private static IAdapter Fresh(TinyModel model)
    {
        var adapter = AdapterMethods.Build(Spec, model.Site);
        using var random = new Generator(3);
        adapter.Initialize(random);
        return adapter;
    }

    private static void Train(TinyModel model, IAdapter adapter, int first, int last)
    {
        var optimizer = new FlatAdamW(new AdamWOptions()) { Steps = first - 1 };
        for (int step = first; step <= last; step++)
        {
            TestTraining.Accumulate(model, adapter);
            optimizer.Step(adapter.Parameters, 1e-2);
            adapter.AfterStep(new AdapterStep(step, Steps, 1e-2));
            adapter.Parameters.ReleaseGradients();
        }
    }

    private static int Kept(IAdapter adapter) => adapter.Parameters.Entries.Where(entry => entry.Name.EndsWith("lora_E", StringComparison.Ordinal))
        .Sum(entry => adapter.Parameters[entry.Name].ToFloatArray().Count(value => value != 0));

    private static double Extra(IAdapter adapter)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        return adapter.ExtraLoss(new AdapterPass(false, null, x => x))!.item<float>();
    }
}

using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Tensors;
using Studio.Tests.Support;

namespace Studio.Tests.Adapters.Methods;

public sealed class FourierFtAdapterTests : TensorTest
{
    private static readonly FourierFtSpec Spec = new()
    {
        Frequencies = 60,
        Scaling = 30,
        PositionSeed = 5,
        FrequencyPattern = new Dictionary<string, int> { ["v_proj"] = 288, ["model.layers.1.mlp.down_proj"] = 9 },
        Targets = TargetSelection.Of("q_proj", "v_proj", "down_proj"),
    };

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void Save_AfterLoadingPeftsFolder_WritesTheSame(string baseModel) => MethodProof.RoundTrip(baseModel, "fourierft");

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void Positions_FromTheSeed_AreThoseThatPeftDrew(string baseModel)
    {
        string folder = FixtureFolder.Adapter(Path.Combine(baseModel, "fourierft"));
        using var golden = SafeTensorsFile.Open(Path.Combine(folder, "golden.safetensors"));
        string[] names = [.. golden.Header.Tensors.Keys.Where(key => key.StartsWith("debug.indices.", StringComparison.Ordinal))];
        Assert.NotEmpty(names);
        foreach (string name in names)
        {
            using var theirs = golden.Map(name);
            (int outputs, int inputs) = baseModel == "gpt2" ? (192, 64) : name.EndsWith("v_proj", StringComparison.Ordinal) ? (32, 64) : (64, 64);
            using var drawn = FourierFtAdapter.Positions(outputs, inputs, 40, 777);
            Assert.Equal(MethodProof.Numbers(theirs), MethodProof.Numbers(drawn));
        }
    }

    [Fact]
    public void Gradients_FromTheTape_EqualFiniteDifferences() => MethodProof.Gradients(Spec);

    [Fact]
    public void Change_OfUnevenModules_EqualsTheDenseFormula() => MethodProof.ActsLike(Spec, (module, values) =>
    {
        double[] spectrum = values("fourierft_spectrum");
        using var drawn = FourierFtAdapter.Positions(module.OutputFeatures, module.InputFeatures, spectrum.Length, 5);
        double[] places = MethodProof.Numbers(drawn);
        int rows = module.OutputFeatures, columns = module.InputFeatures;
        return MethodProof.Matrix(rows, columns, (i, j) => Enumerable.Range(0, spectrum.Length).Sum(k =>
            spectrum[k] * Math.Cos(2 * Math.PI * (places[k] * i / rows + places[spectrum.Length + k] * j / columns))) * 30 / rows / columns);
    });

    [Fact]
    public void Initialize_WithZeros_BeginsAtTheBase() => MethodProof.BeginsAtBase(Spec with { BeginsAtBase = true });

    [Fact]
    public void Build_MoreFrequenciesThanWeights_IsRefused() =>
        Assert.Contains("289 frequencies are more than the 288 weights of 'model.layers.0.self_attn.v_proj'", MethodProof.Refusal(Spec with { FrequencyPattern = new Dictionary<string, int> { ["v_proj"] = 289 } }), StringComparison.Ordinal);
}

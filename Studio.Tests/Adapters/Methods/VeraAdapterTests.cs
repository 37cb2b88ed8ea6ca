using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Tensors;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

public sealed class VeraAdapterTests : TensorTest
{
    private static readonly VeraSpec Spec = new() { Rank = 7, ProjectionSeed = 42, InitialScale = 0.5, Targets = TargetSelection.Of("q_proj", "v_proj", "gate_proj", "down_proj") };

    [Theory]
    [InlineData("llama", "vera")]
    [InlineData("llama", "vera_no_projection")]
    [InlineData("gpt2", "vera")]
    [InlineData("gpt2", "vera_no_projection")]
    public void Save_AfterLoadingPeftsFolder_WritesTheSame(string baseModel, string name) => MethodProof.RoundTrip(baseModel, name);

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    public void Projections_FromTheSeed_AreThoseThatPeftDrew(string baseModel)
    {
        string folder = FixtureFolder.Adapter(Path.Combine(baseModel, "vera_no_projection"));
        using var model = BaseModel.Load(baseModel, FixtureFolder.Model(baseModel), ScalarType.Float32, CPU);
        using var adapter = (VeraAdapter)PeftFormat.Load(folder, model.AdapterSite());
        using var golden = SafeTensorsFile.Open(Path.Combine(folder, "golden.safetensors"));
        using var a = golden.Map("debug.vera_A");
        using var b = golden.Map("debug.vera_B");
        Assert.Equal(MethodProof.Numbers(a), MethodProof.Numbers(adapter.ProjectionA));
        Assert.Equal(MethodProof.Numbers(b), MethodProof.Numbers(adapter.ProjectionB));
    }

    [Fact]
    public void Gradients_FromTheTape_EqualFiniteDifferences() => MethodProof.Gradients(Spec);

    [Fact]
    public void Change_OfUnevenModules_EqualsTheDenseFormula()
    {
        using var model = new TinyModel();
        using var same = (VeraAdapter)AdapterMethods.Build(Spec, model.Site);
        double[] a = MethodProof.Numbers(same.ProjectionA), b = MethodProof.Numbers(same.ProjectionB);
        MethodProof.ActsLike(Spec, (module, values) =>
        {
            double[] inner = values("vera_lambda_d"), outer = values("vera_lambda_b");
            return MethodProof.Matrix(module.OutputFeatures, module.InputFeatures, (i, j) => Enumerable.Range(0, 7).Sum(k => outer[i] * b[i * 7 + k] * inner[k] * a[k * 40 + j]));
        });
    }

    [Fact]
    public void Initialize_ByDefault_BeginsAtTheBase() => MethodProof.BeginsAtBase(Spec);

    [Fact]
    public void Training_WithDropout_IsReproducible() => MethodProof.DropsReproducibly(Spec with { Dropout = 0.3 });

    [Fact]
    public void Build_DropoutOfOne_IsRefused() => Assert.Contains("Dropout is 1; expected at least 0 and below 1", MethodProof.Refusal(Spec with { Dropout = 1 }), StringComparison.Ordinal);
}

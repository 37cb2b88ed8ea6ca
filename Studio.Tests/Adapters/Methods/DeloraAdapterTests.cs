using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Models;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

public sealed class DeloraAdapterTests : TensorTest
{
    private static readonly DeloraSpec Spec = new()
    {
        Rank = 3,
        Boundary = 4,
        RankPattern = new Dictionary<string, int> { ["v_proj"] = 2 },
        BoundaryPattern = new Dictionary<string, double> { ["down_proj"] = 9.5 },
        Targets = TargetSelection.Of("q_proj", "v_proj", "down_proj"),
    };

    [Fact]
    public void Save_AfterLoadingPeftsFolder_WritesTheSame() => MethodProof.RoundTrip("llama", "delora");

    [Fact]
    public void Gradients_FromTheTape_EqualFiniteDifferences() => MethodProof.Gradients(Spec);

    [Fact]
    public void Change_OfUnevenModules_EqualsTheDenseFormula() => MethodProof.ActsLike(Spec, (module, values) =>
    {
        int rank = module.ShortName == "v_proj" ? 2 : 3, rows = module.OutputFeatures, columns = module.InputFeatures;
        double[] a = values("delora_A"), b = values("delora_B"), norms = values("delora_w_norm");
        double strength = values("delora_lambda")[0] / rank;
        return MethodProof.Matrix(rows, columns, (i, j) => Enumerable.Range(0, rank).Sum(k => b[i * rank + k] * a[k * columns + j] * strength
            / Math.Sqrt(Enumerable.Range(0, columns).Sum(c => a[k * columns + c] * a[k * columns + c])) / Math.Sqrt(Enumerable.Range(0, rows).Sum(r => b[r * rank + k] * b[r * rank + k]))) * norms[j]);
    });

    [Fact]
    public void Initialize_ByDefault_BeginsAtTheBase() => MethodProof.BeginsAtBase(Spec);

    [Fact]
    public void Initialize_OfAModule_KeepsTheNormsOfItsWeightsColumnsAndItsBoundary()
    {
        using var model = new TinyModel();
        using var adapter = AdapterMethods.Build(Spec, model.Site);
        using (var random = new Generator(1)) adapter.Initialize(random);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var export = new AdapterExport();
        adapter.Export(export);
        var module = model.Modules.Find("model.layers.1.mlp.down_proj")!;
        double[] weight = MethodProof.Numbers(model.Weights(module.Layer).Weight);
        double[] norms = [.. Enumerable.Range(0, 40).Select(j => Math.Sqrt(Enumerable.Range(0, 24).Sum(i => weight[i * 40 + j] * weight[i * 40 + j])))];
        double[] found = MethodProof.Numbers(export.Weights[PeftFormat.Key(module, "delora_w_norm")]);
        Assert.All(norms.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
        Assert.Equal([9.5], MethodProof.Numbers(export.Weights[PeftFormat.Key(module, "delora_lambda")]));
    }

    [Fact]
    public void Initialize_OnABaseThatHidesItsWeights_IsRefused()
    {
        using var model = new TinyModel();
        var site = model.Site;
        using var adapter = AdapterMethods.Build(Spec, new AdapterSite { Modules = site.Modules, Norms = site.Norms, Base = new HiddenBase(site.Base), ComputeType = site.ComputeType, Device = site.Device });
        using var random = new Generator(1);
        Assert.Contains("DeLoRA needs the column norms of model.layers.0.self_attn.q_proj", Assert.Throws<NotSupportedException>(() => adapter.Initialize(random)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Training_WithDropout_IsReproducible() => MethodProof.DropsReproducibly(Spec with { Dropout = 0.3 });

    private sealed class HiddenBase(IBaseLayers layers) : IBaseLayers
    {
        public Tensor Forward(LayerId layer, Tensor x, RowGroups? rowGroups = null, CancellationToken ct = default) => layers.Forward(layer, x, rowGroups, ct);

        public Tensor Backward(LayerId layer, Tensor dy, RowGroups? rowGroups = null, CancellationToken ct = default) => layers.Backward(layer, dy, rowGroups, ct);

        public LayerDescription Describe(LayerId layer) => layers.Describe(layer);

        public IDisposable BeginPass(PassKind kind, CancellationToken ct = default) => layers.BeginPass(kind, ct);

        public void Dispose() => layers.Dispose();
    }
}

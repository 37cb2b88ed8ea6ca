using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// LoKr (Edalati et al. 2022, Yeh et al. 2023; PEFT <c>LoKrLayer</c>): dW = kron(w1, w2) * alpha / r, w1 [a, b], w2 [c, d], out = a c, in = b d. Each
/// factor is one matrix, or a product of two of rank r where that is smaller. Activations never see dW: a row of x is a [b, d] matrix X, and
/// (w1 kron w2) x = w1 X w2^T.
/// </summary>
public sealed class LokrAdapter(LokrSpec spec, AdapterSite site, FlatParameters parameters) : LycorisAdapter<LokrSpec>(spec, site, parameters)
{
    private const string Left = "lokr_w1";
    private const string Right = "lokr_w2";

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = LokrSpec.MethodName,
        PeftType = "LOKR",
        Title = "LoKr",
        Summary = "Builds the update as a Kronecker product of two small matrices: full rank with very few parameters.",
        Source = "Edalati et al. 2022, arXiv 2212.10650; Yeh et al. 2023, arXiv 2309.14859",
        LearningRates = new LearningRateAdvice(3e-4, 3e-3, "PEFT's MetaMathQA comparison (3e-3 at factor 4); the lower end is this studio's own guess, as for LoRA"),
        Defaults = new LokrSpec(),
        Settings = LokrSpec.Settings,
        Entries = (spec, modules) => Entries((LokrSpec)spec, modules),
        Create = (spec, site, parameters) => new LokrAdapter((LokrSpec)spec, site, parameters),
    };

    /// <inheritdoc/>
    protected override bool ScalesRankDropout => Settings.RankDropoutScale;

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var entry in Own) Initial.KaimingUniform(Parameters[entry.Name], random);
        if (Settings.InitWeights == "false") return;
        foreach (var module in Targets)
        {
            bool isLycoris = Settings.InitWeights == "lycoris";
            string zero = isLycoris ? Right : Left;
            (IsWhole(module, zero) ? Of(module, zero) : Of(module, zero + (isLycoris ? "_b" : "_a"))).zero_();
        }
    }

    /// <inheritdoc/>
    protected override Tensor Act(ModuleTarget module, Tensor x)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(x);
        var shape = ShapeOf(Settings, module);
        var right = nn.functional.linear(x.reshape(-1, shape.LeftIn, shape.RightIn), Factor(module, Right).to(x.dtype)); // [rows, b, c]
        var left = (Factor(module, Left) * ScaleOf(module)).to(x.dtype);
        return left.matmul(right).reshape(-1, module.OutputFeatures); // [rows, a, c]
    }

    /// <inheritdoc/>
    protected override Tensor Delta(ModuleTarget module) => kron(Factor(module, Left), Factor(module, Right)) * ScaleOf(module);

    private static KroneckerShape ShapeOf(LokrSpec spec, ModuleTarget module) => KroneckerShape.Of(module, spec.DecomposeFactor);

    private static List<FlatEntry> Entries(LokrSpec spec, ModuleMap modules)
    {
        var entries = new List<FlatEntry>();
        foreach (var module in spec.Select(modules))
        {
            int rank = RankOf(spec, module);
            var shape = ShapeOf(spec, module);
            Add(module, Left, shape.LeftOut, shape.LeftIn, rank, shape.IsLeftWhole(rank, spec.DecomposeBoth));
            Add(module, Right, shape.RightOut, shape.RightIn, rank, shape.IsRightWhole(rank));
        }
        return entries;

        void Add(ModuleTarget module, string name, int rows, int columns, int rank, bool isWhole)
        {
            if (isWhole)
            {
                entries.Add(new FlatEntry(PeftFormat.Key(module, name), [rows, columns]));
                return;
            }
            entries.Add(new FlatEntry(PeftFormat.Key(module, name + "_a"), [rows, rank]));
            entries.Add(new FlatEntry(PeftFormat.Key(module, name + "_b"), [rank, columns]));
        }
    }

    private bool IsWhole(ModuleTarget module, string name)
    {
        int rank = RankOf(Settings, module);
        var shape = ShapeOf(Settings, module);
        return name == Left ? shape.IsLeftWhole(rank, Settings.DecomposeBoth) : shape.IsRightWhole(rank);
    }

    private Tensor Factor(ModuleTarget module, string name) => IsWhole(module, name) ? Of(module, name) : Of(module, name + "_a").matmul(Of(module, name + "_b"));
}

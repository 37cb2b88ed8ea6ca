using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// VB-LoRA (Li et al. 2024; PEFT <c>VBLoRALayer</c>): y += B A x, where every piece of v neighbouring numbers of A [r, in] and of B's columns [out, r] is a mix
/// of vectors of one bank [n, v] that all modules share: sum over the k largest logits of softmax(logit) * vector. Logits of A [r, in/v, n], of
/// B [out/v, r, n]. A file may hold the chosen vectors and their weights (k - 1 of them: the last is the rest) instead of the logits.
/// </summary>
public sealed class VbLoraAdapter(VbLoraSpec spec, AdapterSite site, FlatParameters parameters) : WeightDeltaAdapter<VbLoraSpec>(spec, site, parameters)
{
    private const string Bank = "base_model.vblora_vector_bank";
    private const string LogitsA = "vblora_logits_A";
    private const string LogitsB = "vblora_logits_B";
    private const string Chosen = "_topk_indices";
    private const string Weights = "_topk_weights";

    // The mixes of a file that has no logits.
    private readonly AdapterBuffers _mixes = new(site);

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = VbLoraSpec.MethodName,
        PeftType = "VBLORA",
        Title = "VB-LoRA",
        Summary = "LoRA whose matrices are mixed from one bank of vectors that all layers share: tiny files.",
        Source = "Li et al. 2024, arXiv 2405.15179",
        LearningRates = new LearningRateAdvice(5e-4, 1e-2, "PEFT's VB-LoRA page (1e-3 for the bank, 1e-2 for the logits; here one rate serves both) and MetaMathQA comparison (5e-4)"),
        Defaults = new VbLoraSpec(),
        Settings = VbLoraSpec.Settings,
        Entries = (spec, modules) => Entries((VbLoraSpec)spec, modules),
        Create = (spec, site, parameters) => new VbLoraAdapter((VbLoraSpec)spec, site, parameters),
    };

    /// <inheritdoc/>
    protected override double Dropout => Settings.Dropout;

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        if (Settings.IsFixed) throw NoLogits();
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        Parameters[Bank].uniform_(-Settings.BankBound, Settings.BankBound, random);
        foreach (var (name, _) in Logits(Settings, Targets)) Parameters[name].normal_(0, Settings.LogitDeviation, random);
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">A training pass without logits.</exception>
    public override void BeginPass(AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        if (pass.Training && Settings.IsFixed) throw NoLogits();
    }

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(pass);
        ArgumentNullException.ThrowIfNull(x);
        var inner = nn.functional.linear(pass.Dropout(x, Dropout), MatrixA(module).to(x.dtype)); // [rows, r]
        return y + nn.functional.linear(inner, MatrixB(module).to(x.dtype));
    }

    /// <inheritdoc/>
    public override void Export(AdapterExport export)
    {
        ArgumentNullException.ThrowIfNull(export);
        if (!Settings.SavesTopKOnly)
        {
            base.Export(export);
            return;
        }
        export.Weights[Bank] = Parameters[Bank];
        foreach (var (name, _) in Logits(Settings, Targets))
        {
            var (weights, chosen) = Mix(name);
            export.Weights[name + Weights] = weights.narrow(-1, 0, Settings.TopK - 1);
            export.Weights[name + Chosen] = chosen.to(IndexType);
            if (!Settings.IsFixed) export.Continuation[name] = Parameters[name];
        }
    }

    /// <inheritdoc/>
    public override void Import(AdapterImport import)
    {
        ArgumentNullException.ThrowIfNull(import);
        if (!Settings.SavesTopKOnly)
        {
            base.Import(import);
            return;
        }
        import.CopyTo(Bank, Parameters[Bank]);
        foreach (var (name, shape) in Logits(Settings, Targets))
        {
            ImportMix(import, name, shape);
            if (!Settings.IsFixed) import.ContinueTo(name, Parameters[name]);
        }
    }

    /// <inheritdoc/>
    protected override Tensor Delta(ModuleTarget module) => MatrixB(module).matmul(MatrixA(module));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _mixes.Dispose();
        base.Dispose(disposing);
    }

    // The narrowest type that PEFT takes for this many vectors.
    private ScalarType IndexType => Settings.Vectors switch { < 1 << 8 => ScalarType.Byte, < 1 << 15 => ScalarType.Int16, _ => ScalarType.Int32 };

    private static NotSupportedException NoLogits() =>
        new("This VB-LoRA adapter was stored as top-k mixes only (save_only_topk_weights): it can be used and merged, but training needs the logits, which the file does not have.");

    // [r, in].
    private Tensor MatrixA(ModuleTarget module) => Mixed(PeftFormat.Key(module, LogitsA)).reshape(Settings.Rank, module.InputFeatures);

    // [out, r].
    private Tensor MatrixB(ModuleTarget module) => Mixed(PeftFormat.Key(module, LogitsB)).transpose(1, 2).reshape(module.OutputFeatures, Settings.Rank);

    // [.., .., v].
    private Tensor Mixed(string name)
    {
        var (weights, chosen) = Mix(name); // [.., .., k]
        long[] shape = chosen.shape;
        var vectors = Parameters[Bank].index_select(0, chosen.view(-1)).view(-1, Settings.TopK, Settings.VectorLength);
        return weights.view(-1, 1, Settings.TopK).matmul(vectors).view(shape[0], shape[1], Settings.VectorLength);
    }

    private (Tensor Weights, Tensor Chosen) Mix(string name)
    {
        if (Settings.IsFixed) return (_mixes[name + Weights], _mixes[name + Chosen]);
        var (largest, chosen) = Parameters[name].topk(Settings.TopK, -1);
        return (largest.softmax(-1), chosen);
    }

    private void ImportMix(AdapterImport import, string name, long[] shape)
    {
        using var scope = NewDisposeScope();
        using var weights = import.Take(name + Weights, shape[0], shape[1], Settings.TopK - 1);
        using var stored = import.Take(name + Chosen, shape[0], shape[1], Settings.TopK);
        if (weights is null || stored is null || !Settings.IsFixed) return;
        var chosen = stored.to(ScalarType.Int64);
        if (chosen.min().item<long>() < 0 || chosen.max().item<long>() >= Settings.Vectors)
        {
            import.Refuse($"{name}{Chosen} points outside of the {Settings.Vectors} vectors");
            return;
        }
        var exact = weights.to(Site.Type);
        _mixes.Set(name + Weights, cat([exact, 1 - exact.sum(-1, keepdim: true)], -1));
        _mixes.Set(name + Chosen, chosen);
    }

    private static IEnumerable<(string Name, long[] Shape)> Logits(VbLoraSpec spec, IEnumerable<ModuleTarget> targets)
    {
        foreach (var module in targets)
        {
            yield return (PeftFormat.Key(module, LogitsA), [spec.Rank, module.InputFeatures / spec.VectorLength, spec.Vectors]);
            yield return (PeftFormat.Key(module, LogitsB), [module.OutputFeatures / spec.VectorLength, spec.Rank, spec.Vectors]);
        }
    }

    private static List<FlatEntry> Entries(VbLoraSpec spec, ModuleMap modules)
    {
        var entries = new List<FlatEntry> { new(Bank, [spec.Vectors, spec.VectorLength]) };
        if (!spec.IsFixed) entries.AddRange(Logits(spec, spec.Select(modules)).Select(logits => new FlatEntry(logits.Name, logits.Shape)));
        return entries;
    }
}

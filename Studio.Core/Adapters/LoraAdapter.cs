using System.Text.RegularExpressions;
using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters;

/// <summary>
/// LoRA (Hu et al. 2021; PEFT <c>LoraLayer</c>): y += scale * B A dropout(x), A [r, in], B [out, r], scale = alpha / r, or alpha / sqrt(r) for
/// rsLoRA. A starts uniform in +-1/sqrt(in) (PEFT's Kaiming initialisation with a = sqrt 5), B at zero, so the start equals the base.
/// </summary>
public sealed class LoraAdapter : Adapter, IWeightMerge
{
    private readonly LoraSpec _spec;
    private readonly Dictionary<string, Part> _parts = new(StringComparer.Ordinal);

    /// <summary>Builds the adapter for a model; values are zero until <see cref="Initialize"/> or a file sets them.</summary>
    /// <exception cref="ArgumentException">The settings do not fit the model; the message says which and what is expected.</exception>
    public LoraAdapter(LoraSpec spec, ModuleMap modules, Device device)
    {
        ArgumentNullException.ThrowIfNull(spec);
        _spec = spec;
        foreach (var part in Plan(spec, modules)) _parts[part.Module.Name] = part;
        Parameters = new FlatParameters(Entries(_parts.Values), device);
    }

    /// <inheritdoc/>
    public override AdapterSpec Spec => _spec;

    /// <inheritdoc/>
    public override FlatParameters Parameters { get; }

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var part in _parts.Values)
        {
            var a = Parameters[part.A];
            double bound = 1 / Math.Sqrt(a.size(1));
            a.uniform_(-bound, bound, random);
            Parameters[part.B].zero_();
        }
    }

    /// <inheritdoc/>
    public override bool ChangesOutput(ModuleTarget module) => _parts.ContainsKey(module.Name);

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        var part = _parts[module.Name];
        var inner = nn.functional.linear(pass.Dropout(x, _spec.Dropout), Parameters[part.A].to(x.dtype)); // [rows, r]
        return addmm(y, inner, Parameters[part.B].to(x.dtype).t(), 1, (float)part.Scale);
    }

    /// <inheritdoc/>
    public Tensor Merge(ModuleTarget module, Tensor weight)
    {
        using var grad = no_grad();
        return _parts.TryGetValue(module.Name, out var part)
            ? addmm(weight, Parameters[part.B], Parameters[part.A], 1, (float)part.Scale) // W + scale B A
            : weight.clone();
    }

    /// <summary>Names and shapes of the tensors that the settings give on a model.</summary>
    /// <exception cref="ArgumentException">The settings do not fit the model.</exception>
    public static IReadOnlyList<FlatEntry> Shapes(LoraSpec spec, ModuleMap modules) => Entries(Plan(spec, modules));

    private static List<FlatEntry> Entries(IEnumerable<Part> parts) =>
        [.. parts.SelectMany(part => new[] { new FlatEntry(part.A, [part.Rank, part.Module.InputFeatures]), new FlatEntry(part.B, [part.Module.OutputFeatures, part.Rank]) })];

    private static List<Part> Plan(LoraSpec spec, ModuleMap modules)
    {
        var problems = spec.Problems(modules);
        if (problems.Count > 0) throw new ArgumentException(string.Join(" ", problems), nameof(spec));
        var parts = new List<Part>();
        foreach (var module in spec.Targets.Select(modules))
        {
            int rank = Lookup(spec.RankPattern, module.Name, spec.Rank);
            double alpha = Lookup(spec.AlphaPattern, module.Name, spec.Alpha);
            parts.Add(new Part(module, rank, alpha / (spec.UseRsLora ? Math.Sqrt(rank) : rank)));
        }
        return parts;
    }

    private static T Lookup<T>(IReadOnlyDictionary<string, T> patterns, string module, T fallback)
    {
        // PEFT get_pattern_key: the key matches at the end of the name, after a dot or from the start.
        foreach (var (key, value) in patterns)
            if (Regex.IsMatch(module, $@"^(.*\.)?({key})$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1))) return value;
        return fallback;
    }

    private sealed record Part(ModuleTarget Module, int Rank, double Scale)
    {
        public string A { get; } = PeftFormat.KeyPrefix + Module.Name + ".lora_A.weight";

        public string B { get; } = PeftFormat.KeyPrefix + Module.Name + ".lora_B.weight";
    }
}

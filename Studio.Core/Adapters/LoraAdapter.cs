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
        var problems = spec.Problems();
        if (problems.Count > 0) throw new ArgumentException(string.Join(" ", problems), nameof(spec));
        _spec = spec;
        var entries = new List<FlatEntry>();
        foreach (var module in spec.Targets.Select(modules))
        {
            if (module.Kind != ModuleKind.Linear)
                throw new ArgumentException($"LoRA on '{module.Name}' is not supported: it is not a linear projection.", nameof(spec));
            int rank = Lookup(spec.RankPattern, module.Name, spec.Rank);
            double alpha = Lookup(spec.AlphaPattern, module.Name, spec.Alpha);
            string prefix = PeftFormat.KeyPrefix + module.Name;
            var part = new Part(prefix + ".lora_A.weight", prefix + ".lora_B.weight", alpha / (spec.UseRsLora ? Math.Sqrt(rank) : rank));
            _parts[module.Name] = part;
            entries.Add(new FlatEntry(part.A, [rank, module.InputFeatures]));
            entries.Add(new FlatEntry(part.B, [module.OutputFeatures, rank]));
        }
        Parameters = new FlatParameters(entries, device);
    }

    /// <inheritdoc/>
    public override AdapterSpec Spec => _spec;

    /// <inheritdoc/>
    public override FlatParameters Parameters { get; }

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
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

    private static T Lookup<T>(IReadOnlyDictionary<string, T> patterns, string module, T fallback)
    {
        // PEFT get_pattern_key: the key matches at the end of the name, after a dot or from the start.
        foreach (var (key, value) in patterns)
            if (Regex.IsMatch(module, $@"^(.*\.)?({key})$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1))) return value;
        return fallback;
    }

    private readonly record struct Part(string A, string B, double Scale);
}

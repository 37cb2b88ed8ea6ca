using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// Bottleneck adapters (Houlsby et al. 2019, Pfeiffer et al. 2020): after a sublayer, before its output y joins the residual stream,
/// y += scale * up(act(down(y))), down [w, hidden], up [hidden, w], both with biases. Up starts at zero, so the start equals the base. PEFT has no such
/// method: tensors are called <c>blocks.I.SUBLAYER.down.weight</c> and so on.
/// </summary>
public sealed class BottleneckAdapter(BottleneckSpec spec, AdapterSite site, FlatParameters parameters) : MethodAdapter<BottleneckSpec>(spec, site, parameters)
{
    private const double StartDeviation = 0.02; // of GPT-2 and BERT weights

    private static readonly Dictionary<string, Func<Tensor, Tensor>> Bends = new(StringComparer.Ordinal)
    {
        ["relu"] = x => x.relu(),
        ["gelu"] = x => x.gelu(),
        ["silu"] = x => x.silu(),
        ["tanh"] = x => x.tanh(),
    };

    private readonly HashSet<SublayerId> _sublayers = [.. spec.Sublayers(site.Modules.Config)];
    private readonly Func<Tensor, Tensor> _bend = Bends[spec.Activation];

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = BottleneckSpec.MethodName,
        PeftType = null,
        Title = "Bottleneck adapters",
        Summary = "Small networks after the sublayers (Houlsby, Pfeiffer). Can learn what low-rank updates cannot, but adds to every token's work and cannot be merged.",
        Source = "Houlsby et al. 2019, arXiv 1902.00751; Pfeiffer et al. 2020, arXiv 2005.00247",
        LearningRates = new LearningRateAdvice(1e-4, 3e-3, "the AdapterHub guide (1e-4), the authors' example (3e-4) and the adapters of the t-few configurations (3e-3)"),
        Defaults = new BottleneckSpec(),
        Settings = BottleneckSettings.All,
        Entries = (spec, modules) => Entries((BottleneckSpec)spec, modules.Config),
        Create = (spec, site, parameters) => new BottleneckAdapter((BottleneckSpec)spec, site, parameters),
    };

    /// <summary>Names of the activations.</summary>
    internal static IEnumerable<string> Activations => Bends.Keys;

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var sublayer in Settings.Sublayers(Site.Modules.Config))
        {
            Parameters[Name(sublayer, "down.weight")].normal_(0, StartDeviation, random);
            foreach (string part in new[] { "down.bias", "up.weight", "up.bias" }) Parameters[Name(sublayer, part)].zero_();
        }
    }

    /// <inheritdoc/>
    public override bool ActsAfter(SublayerId sublayer) => _sublayers.Contains(sublayer);

    /// <inheritdoc/>
    public override Tensor AfterSublayer(SublayerId sublayer, Tensor input, Tensor output, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(pass);
        var inner = _bend(nn.functional.linear(output, Part("down.weight"), Part("down.bias"))); // [rows, w]
        var added = nn.functional.linear(pass.Dropout(inner, Settings.Dropout), Part("up.weight"), Part("up.bias"));
        return output + (Settings.Scale == 1 ? added : added * Settings.Scale);

        Tensor Part(string part) => Value(Name(sublayer, part), output);
    }

    private static List<FlatEntry> Entries(BottleneckSpec spec, DecoderConfig config)
    {
        var entries = new List<FlatEntry>();
        foreach (var sublayer in spec.Sublayers(config))
        {
            entries.Add(new FlatEntry(Name(sublayer, "down.weight"), [spec.Width, config.Hidden]));
            entries.Add(new FlatEntry(Name(sublayer, "down.bias"), [spec.Width]));
            entries.Add(new FlatEntry(Name(sublayer, "up.weight"), [config.Hidden, spec.Width]));
            entries.Add(new FlatEntry(Name(sublayer, "up.bias"), [config.Hidden]));
        }
        return entries;
    }

    private static string Name(SublayerId sublayer, string part) => $"blocks.{sublayer.Block}.{(sublayer.Kind == SublayerKind.Attention ? "attention" : "mlp")}.{part}";
}

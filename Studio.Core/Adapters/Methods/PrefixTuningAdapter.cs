using System.Globalization;
using System.Text.Json.Serialization;
using Studio.Core.Models;
using Studio.Core.Tensors;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.PrefixTuningSpec>;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of prefix tuning (Li and Liang 2021), as PEFT's <c>PrefixTuningConfig</c> names them.</summary>
public sealed record PrefixTuningSpec : PromptSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "prefix_tuning";

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Whether a two-layer network makes the prefix while it is trained.</summary>
    public bool Projection { get; init; }

    /// <summary>Inner width of that network; null = the token width.</summary>
    public int? EncoderWidth { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool AsksForNetwork => Projection;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool IsTokens => false;

    /// <inheritdoc/>
    public override AdapterSpec On(ModuleMap modules) => (PrefixTuningSpec)base.On(modules) is var spec && spec.EncoderWidth is null ? spec with { EncoderWidth = spec.TokenWidth } : spec;

    /// <summary>Those of keys and values: PEFT counts their heads, and their width together.</summary>
    protected override (int Layers, int Heads, int Width) ShapeOf(DecoderConfig config) => (config.Blocks, config.KeyValueHeads, config.KeyValueHeads * config.HeadWidth);
}

/// <summary>
/// Prefix tuning (Li and Liang 2021; PEFT <c>PrefixEncoder</c>): learned keys and values before every sequence's own in every block, without rotary
/// embedding or norm. The prompt [n, blocks * 2 * width] is [n, block, (key, value), kv_head, head_dim]; with projection it is
/// <c>transform.2(tanh(transform.0(table)))</c>.
/// </summary>
public sealed class PrefixTuningAdapter(PrefixTuningSpec spec, AdapterSite site, FlatParameters parameters) : PromptAdapter<PrefixTuningSpec>(spec, site, parameters)
{
    private const string Inner = "transform.0";
    private const string Outer = "transform.2";

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = PrefixTuningSpec.MethodName,
        PeftType = "PREFIX_TUNING",
        Title = "Prefix tuning",
        Summary = "Learns keys and values that every block attends to before the text. Steers strongly with few parameters; costs context, not compute.",
        Source = "Li and Liang 2021, arXiv 2101.00190",
        LearningRates = new LearningRateAdvice(5e-5, 3e-2, "the authors' scripts with projection (5e-5), PEFT's MetaMathQA comparison (1e-3, 5e-3) and examples (1e-2, 3e-2)"),
        Defaults = new PrefixTuningSpec(),
        Settings =
        [
            .. PromptSettings<PrefixTuningSpec>.All,
            Flag("prefix_projection", "Projection while training", "Trains a small network that makes the prefix, which learns more steadily. Only its result is kept in files for other programs.",
                spec => spec.Projection, (spec, value) => spec with { Projection = value }),
            PromptEncoderWidth.Setting<PrefixTuningSpec>("Used with projection only.", spec => spec.EncoderWidth, (spec, value) => spec with { EncoderWidth = value }),
        ],
        Entries = (spec, modules) => Entries((PrefixTuningSpec)spec),
        Create = (spec, site, parameters) => new PrefixTuningAdapter((PrefixTuningSpec)spec, site, parameters),
    };

    /// <inheritdoc/>
    public override int PrefixLength => Settings.VirtualTokens;

    /// <inheritdoc/>
    public override void Initialize(Generator random) => InitializeLikeTorch(random, LinearFanIn);

    /// <inheritdoc/>
    public override void BeginPass(AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        base.BeginPass(pass);
        // A piece per block, so that the backward of a block touches no other block's.
        var config = Site.Modules.Config;
        var pieces = pass.Shared(Prompt).view(Settings.VirtualTokens, config.Blocks, 2, config.KeyValueHeads, config.HeadWidth).unbind(1);
        for (int block = 0; block < pieces.Length; block++) pass.Share(NameOf(block), pieces[block]);
    }

    /// <inheritdoc/>
    public override KeyValues Prefix(int block, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        var piece = pass.Shared(NameOf(block)); // [n, (key, value), kv_heads, head_dim]
        return new KeyValues(piece.select(1, 0), piece.select(1, 1));
    }

    /// <inheritdoc/>
    protected override Tensor Encode(Tensor table, AdapterPass pass) => Linear(Outer, Linear(Inner, table).tanh());

    private static string NameOf(int block) => string.Create(CultureInfo.InvariantCulture, $"block {block}");

    private static IReadOnlyList<FlatEntry> Entries(PrefixTuningSpec spec)
    {
        long width = spec.TokenWidth!.Value, all = 2L * spec.Layers!.Value * width;
        return spec.HasNetwork
            ? [new(Table, [spec.VirtualTokens, width]), .. LinearEntries(Inner, width, spec.EncoderWidth!.Value), .. LinearEntries(Outer, spec.EncoderWidth.Value, all)]
            : [new(Prompt, [spec.VirtualTokens, all])];
    }
}

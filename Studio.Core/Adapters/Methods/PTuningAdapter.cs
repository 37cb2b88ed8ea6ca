using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// P-tuning (Liu et al. 2021; PEFT <c>PromptEncoder</c>): embeddings before every sequence that a network makes of a learned table [n, embedding].
/// MLP: <c>4(relu(2(relu(0(table)))))</c>. LSTM: a bidirectional LSTM over the table, then <c>2(relu(0(.)))</c>. Once stored, the prompt alone is left.
/// </summary>
public sealed class PTuningAdapter(PTuningSpec spec, AdapterSite site, FlatParameters parameters) : PromptAdapter<PTuningSpec>(spec, site, parameters)
{
    private const string Lstm = "lstm_head";
    private const string Head = "mlp_head";

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = PTuningSpec.MethodName,
        PeftType = "P_TUNING",
        Title = "P-tuning",
        Summary = "Learns a prompt through a small network that ties its tokens together; steadier than prompt tuning on small bases.",
        Source = "Liu et al. 2021, arXiv 2103.10385",
        LearningRates = new LearningRateAdvice(1e-4, 1e-3, "PEFT's MetaMathQA comparison (1e-4) and P-tuning example (1e-3)"),
        Defaults = new PTuningSpec(),
        Settings = PTuningSettings.All,
        Entries = (spec, _) => Entries((PTuningSpec)spec),
        Create = (spec, site, parameters) => new PTuningAdapter((PTuningSpec)spec, site, parameters),
    };

    /// <inheritdoc/>
    public override int VirtualTokens => Settings.VirtualTokens;

    /// <inheritdoc/>
    public override void Initialize(Generator random) => InitializeLikeTorch(random, name => name.StartsWith(Lstm, StringComparison.Ordinal) ? Settings.EncoderWidth!.Value : LinearFanIn(name));

    /// <inheritdoc/>
    public override Tensor VirtualEmbeddings(AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return pass.Shared(Prompt);
    }

    /// <inheritdoc/>
    protected override Tensor Encode(Tensor table, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        if (Settings.Encoder == PTuningSpec.Mlp) return Linear(Head + ".4", Linear(Head + ".2", Linear(Head + ".0", table).relu()).relu());
        var x = table;
        for (int layer = 0; layer < Settings.EncoderLayers; layer++)
        {
            if (layer > 0) x = pass.Dropout(x, Settings.EncoderDropout);
            x = BidirectionalLstm.Forward(x, name => Parameters[$"{Lstm}.{name}"], layer); // [n, 2 * width]
        }
        return Linear(Head + ".2", Linear(Head + ".0", x).relu());
    }

    private static IReadOnlyList<FlatEntry> Entries(PTuningSpec spec)
    {
        long width = spec.TokenWidth!.Value, inner = spec.EncoderWidth!.Value;
        if (!spec.HasNetwork) return [new(Prompt, [spec.VirtualTokens, width])];
        var table = new FlatEntry(Table, [spec.VirtualTokens, width]);
        return spec.Encoder == PTuningSpec.Mlp
            ? [table, .. LinearEntries(Head + ".0", width, inner), .. LinearEntries(Head + ".2", inner, inner), .. LinearEntries(Head + ".4", inner, width)]
            : [table, .. BidirectionalLstm.Entries(Lstm + ".", width, inner, spec.EncoderLayers), .. LinearEntries(Head + ".0", 2 * inner, 2 * inner), .. LinearEntries(Head + ".2", 2 * inner, width)];
    }
}

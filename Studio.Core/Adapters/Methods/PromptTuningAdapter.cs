using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// Prompt tuning (Lester et al. 2021; PEFT <c>PromptEmbedding</c>): learned embeddings [n, embedding] before every sequence. They start at random,
/// at the embeddings of random tokens, or at those of a text, which is cut or repeated to their number.
/// </summary>
public sealed class PromptTuningAdapter(PromptTuningSpec spec, AdapterSite site, FlatParameters parameters) : PromptAdapter<PromptTuningSpec>(spec, site, parameters)
{
    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = PromptTuningSpec.MethodName,
        PeftType = "PROMPT_TUNING",
        Title = "Prompt tuning",
        Summary = "Learns a prompt in the space of embeddings, before every text. Tiny; works best on large bases and for one clear task.",
        Source = "Lester et al. 2021, arXiv 2104.08691",
        LearningRates = new LearningRateAdvice(1e-3, 3e-1, "the authors' configuration (0.3, Adafactor), PEFT's MetaMathQA comparison (1e-3) and examples (1e-3, 3e-2)"),
        Defaults = new PromptTuningSpec(),
        Settings = PromptTuningSettings.All,
        Entries = (spec, _) => [new FlatEntry(Prompt, [((PromptTuningSpec)spec).VirtualTokens, ((PromptTuningSpec)spec).TokenWidth!.Value])],
        Create = (spec, site, parameters) => new PromptTuningAdapter((PromptTuningSpec)spec, site, parameters),
    };

    /// <inheritdoc/>
    public override int VirtualTokens => Settings.VirtualTokens;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">It starts from a text whose token ids are not known (<see cref="AdapterSpec.WithTokens"/>).</exception>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var prompt = Parameters[Prompt];
        if (Settings.Start == PromptStart.Random)
        {
            prompt.normal_(0, 1, random);
            return;
        }
        var ids = Settings.Start == PromptStart.Vocabulary
            ? randint(0, Site.Modules.Config.Vocabulary, [VirtualTokens], dtype: ScalarType.Int64, device: Site.Device, generator: random)
            : tensor(TextIds(), dtype: ScalarType.Int64, device: Site.Device);
        var rows = Site.Weights("Starting a prompt at the embeddings of tokens needs these embeddings").Rows(LayerId.Embedding, ids);
        prompt.copy_(rows.to(Site.Type) * Site.Base.Describe(LayerId.Embedding).Scale);
    }

    /// <inheritdoc/>
    public override Tensor VirtualEmbeddings(AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return pass.Shared(Prompt);
    }

    private long[] TextIds()
    {
        var ids = Settings.StartIds;
        if (ids.Count == 0) throw new InvalidOperationException($"The prompt starts at the text '{Settings.StartText}', whose token ids are not known; expected at least one.");
        if (ids.FirstOrDefault(id => id < 0 || id >= Site.Modules.Config.Vocabulary, -1) is >= 0 and var wrong)
            throw new InvalidOperationException($"The token id {wrong} of the text '{Settings.StartText}' is not one of the {Site.Modules.Config.Vocabulary} of this base model.");
        return [.. Enumerable.Range(0, VirtualTokens).Select(i => (long)ids[i % ids.Count])];
    }
}

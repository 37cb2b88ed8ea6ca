using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// Base of methods with a learned prompt. The prompt is a trained table, or what a trained network makes of a smaller table. PEFT stores the prompt
/// alone; table and network go to the continuation, under the names they have in PEFT's encoder modules.
/// </summary>
public abstract class PromptAdapter<TSpec>(TSpec spec, AdapterSite site, FlatParameters parameters) : MethodAdapter<TSpec>(spec, site, parameters)
    where TSpec : PromptSpec
{
    /// <summary>Name of the prompt in adapter_model.safetensors.</summary>
    public const string Prompt = "prompt_embeddings";

    /// <summary>The network's table.</summary>
    protected const string Table = "embedding.weight";

    /// <inheritdoc/>
    public override void BeginPass(AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        pass.Share(Prompt, Settings.HasNetwork ? Encode(Parameters[Table], pass) : Parameters[Prompt].alias());
    }

    /// <inheritdoc/>
    public override void Export(AdapterExport export)
    {
        ArgumentNullException.ThrowIfNull(export);
        export.Weights[Prompt] = Settings.HasNetwork ? Encode(Parameters[Table], new AdapterPass(training: false, random: null, cut: x => x)) : Parameters[Prompt];
        if (Settings.HasNetwork) foreach (var entry in Own) export.Continuation[entry.Name] = Parameters[entry.Name];
    }

    /// <inheritdoc/>
    public override void Import(AdapterImport import)
    {
        ArgumentNullException.ThrowIfNull(import);
        if (!Settings.HasNetwork)
        {
            base.Import(import);
            return;
        }
        import.Skip(Prompt);
        foreach (var entry in Own) import.ContinueTo(entry.Name, Parameters[entry.Name]);
    }

    /// <summary>The prompt that the network makes of its table, differentiable, in the adapter's type.</summary>
    protected virtual Tensor Encode(Tensor table, AdapterPass pass) => table;

    /// <summary>A linear layer of the network: x [rows, in] to [rows, out].</summary>
    protected Tensor Linear(string name, Tensor x) => nn.functional.linear(x, Parameters[name + ".weight"], Parameters[name + ".bias"]);

    /// <summary>Names and shapes of a linear layer of a network.</summary>
    protected static IEnumerable<FlatEntry> LinearEntries(string name, long inputs, long outputs) => [new(name + ".weight", [outputs, inputs]), new(name + ".bias", [outputs])];

    /// <summary>Initial values as torch's modules have them: standard normal tables, else uniform in +-1/sqrt(fan in).</summary>
    /// <param name="random">Where they come from.</param>
    /// <param name="fanIn">Fan in of the layer that a tensor belongs to.</param>
    protected void InitializeLikeTorch(Generator random, Func<string, long> fanIn)
    {
        ArgumentNullException.ThrowIfNull(fanIn);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var entry in Own)
        {
            if (entry.Name is Prompt or Table)
            {
                Parameters[entry.Name].normal_(0, 1, random);
                continue;
            }
            Initial.Uniform(Parameters[entry.Name], fanIn(entry.Name), random);
        }
    }

    /// <summary>Fan in of a linear layer by the name of its weight or bias.</summary>
    protected long LinearFanIn(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Parameters[name[..name.LastIndexOf('.')] + ".weight"].size(1);
    }
}

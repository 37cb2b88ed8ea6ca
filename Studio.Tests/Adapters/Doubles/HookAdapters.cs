using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Doubles;

/// <summary>TransformInput: scales the input of the query projections alone, so that the fused call splits.</summary>
internal sealed class InputScaleAdapter(DecoderConfig config) : TestAdapter(new FlatEntry("scale", [config.Hidden]))
{
    public override bool TransformsInput(ModuleTarget module) => module.ShortName == "q_proj";

    public override Tensor TransformInput(ModuleTarget module, Tensor x, AdapterPass pass) => x * (1 + Value("scale", x));
}

/// <summary>ChangeOutput: scales the outputs of value and down projections and shifts embeddings and logits.</summary>
internal sealed class OutputAdapter(DecoderConfig config) : TestAdapter(
    new FlatEntry("value", [config.KeyValueHeads * config.HeadWidth]), new FlatEntry("down", [config.Hidden]),
    new FlatEntry("embedding", [config.Hidden]), new FlatEntry("head", [config.Vocabulary]))
{
    public override bool ChangesOutput(ModuleTarget module) => module.ShortName is "v_proj" or "down_proj" or "embed_tokens" or "lm_head";

    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass) => module.ShortName switch
    {
        "v_proj" => y * (1 + Value("value", y)),
        "down_proj" => y * (1 + Value("down", y)),
        "embed_tokens" => y + Value("embedding", y),
        _ => y + Value("head", y),
    };
}

/// <summary>OverrideNorm: adds to the weight of every norm.</summary>
internal sealed class NormAdapter(DecoderConfig config) : TestAdapter(new FlatEntry("norm", [config.Hidden]))
{
    public override NormWeights? OverrideNorm(NormId norm, NormWeights frozen, AdapterPass pass) =>
        frozen with { Weight = frozen.Weight + Value("norm", frozen.Weight) };
}

/// <summary>VirtualTokens: three trained embeddings before every sequence.</summary>
internal sealed class VirtualTokenAdapter(DecoderConfig config, int count = 3) : TestAdapter(new FlatEntry("tokens", [count, config.Hidden]))
{
    public override int VirtualTokens => count;

    public override Tensor VirtualEmbeddings(AdapterPass pass) => Parameters["tokens"].alias();
}

/// <summary>Prefix: trained keys and values before every sequence's own, per block.</summary>
internal sealed class PrefixAdapter(DecoderConfig config, int length = 2) : TestAdapter(
    new FlatEntry("keys", [config.Blocks, length, config.KeyValueHeads, config.HeadWidth]),
    new FlatEntry("values", [config.Blocks, length, config.KeyValueHeads, config.HeadWidth]))
{
    public override int PrefixLength => length;

    public override KeyValues Prefix(int block, AdapterPass pass) => new(Parameters["keys"].select(0, block), Parameters["values"].select(0, block));
}

/// <summary>AfterSublayer: a bottleneck over the sublayer's output plus a term of its input.</summary>
internal sealed class SublayerAdapter(DecoderConfig config) : TestAdapter(
    new FlatEntry("in", [3, config.Hidden]), new FlatEntry("out", [config.Hidden, 3]), new FlatEntry("skip", [config.Hidden]))
{
    public override bool ActsAfter(SublayerId sublayer) => true;

    public override Tensor AfterSublayer(SublayerId sublayer, Tensor input, Tensor output, AdapterPass pass) =>
        output + nn.functional.linear(nn.functional.linear(output, Value("in", output)).tanh(), Value("out", output)) + input * Value("skip", input);
}

/// <summary>ExtraLoss: a change of the output whose size is punished.</summary>
internal sealed class ExtraLossAdapter(DecoderConfig config) : TestAdapter(new FlatEntry("shift", [config.Hidden]))
{
    public override bool ChangesOutput(ModuleTarget module) => module.ShortName == "o_proj";

    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass) => y + Value("shift", y);

    public override Tensor? ExtraLoss(AdapterPass pass) => (Parameters["shift"] * Parameters["shift"]).sum();
}

/// <summary>Share: two tensors derived once per pass and used by several projections of all blocks.</summary>
internal sealed class SharedTensorAdapter(DecoderConfig config) : TestAdapter(new FlatEntry("seed", [config.Hidden]))
{
    public override void BeginPass(AdapterPass pass)
    {
        pass.Share("gain", Parameters["seed"].tanh());
        pass.Share("shift", pass.Shared("gain") * 0.5 + Parameters["seed"]);
    }

    public override bool ChangesOutput(ModuleTarget module) => module.ShortName is "o_proj" or "down_proj";

    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass) =>
        y * (1 + pass.Shared("gain").to(y.dtype)) + pass.Shared("shift").to(y.dtype);

    public override Tensor? ExtraLoss(AdapterPass pass) => pass.Shared("gain").abs().sum() * 0.1;
}

/// <summary>The doubles by name, initialised from a fixed seed.</summary>
internal static class HookAdapters
{
    private static readonly Dictionary<string, Func<DecoderConfig, Adapter>> Makers = new(StringComparer.Ordinal)
    {
        [nameof(InputScaleAdapter)] = config => new InputScaleAdapter(config),
        [nameof(OutputAdapter)] = config => new OutputAdapter(config),
        [nameof(NormAdapter)] = config => new NormAdapter(config),
        [nameof(VirtualTokenAdapter)] = config => new VirtualTokenAdapter(config),
        [nameof(PrefixAdapter)] = config => new PrefixAdapter(config),
        [nameof(SublayerAdapter)] = config => new SublayerAdapter(config),
        [nameof(ExtraLossAdapter)] = config => new ExtraLossAdapter(config),
        [nameof(SharedTensorAdapter)] = config => new SharedTensorAdapter(config),
    };

    public static IEnumerable<TheoryDataRow<string>> Names => Makers.Keys.Select(name => new TheoryDataRow<string>(name));

    public static IEnumerable<string> All => Makers.Keys;

    public static Adapter Create(string name, TinyModel model, ulong seed = 11) => Initialized(Makers[name](model.Config), seed);

    /// <summary>LoRA with both factors random, so that gradients flow into both.</summary>
    public static IAdapter Lora(TinyModel model, LoraSpec? spec = null, ulong seed = 13)
    {
        var lora = Initialized(AdapterMethods.Build(spec ?? new LoraSpec { Rank = 3, Alpha = 6 }, model.Site), seed);
        using var random = new Generator(seed + 1);
        using var grad = no_grad();
        foreach (var entry in lora.Parameters.Entries.Where(entry => entry.Name.EndsWith("lora_B.weight", StringComparison.Ordinal)))
            lora.Parameters[entry.Name].normal_(0, 0.2, random);
        return lora;
    }

    private static T Initialized<T>(T adapter, ulong seed) where T : IAdapter
    {
        using var random = new Generator(seed);
        adapter.Initialize(random);
        return adapter;
    }
}

using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>
/// One block over the residual stream h. Plain: <c>h += attention(norm(h)); h += mlp(norm(h))</c>. Which norms there are, and whether both
/// sublayers read the same h, is the config's choice.
/// </summary>
internal sealed class DecoderBlock(int index, DecoderConfig config, IReadOnlyDictionary<NormId, Norm> norms, RotaryEmbedding? rotary, Tensor? sinks)
{
    private readonly SelfAttention _attention = new(index, config, norms, rotary, sinks);
    private readonly Mlp? _mlp = config.Block(index).Experts is null ? Mlp.Dense(index, config) : null;
    private readonly ExpertMixture? _experts = config.Block(index).Experts is { } experts ? new ExpertMixture(index, config, experts) : null;

    /// <summary>Its rotary embedding.</summary>
    public RotaryEmbedding? Rotary => rotary;

    /// <summary>h [rows, hidden], cut, to h [rows, hidden], cut.</summary>
    public Tensor Forward(IForwardContext context, Tensor h, BatchLayout layout, RotaryRows? rotation, AttentionMasks masks)
    {
        using var scope = NewDisposeScope();
        var x = Has(NormRole.AttentionInput) ? context.Cut(Normalized(NormRole.AttentionInput, h)) : h;
        var attended = context.AfterSublayer(new SublayerId(index, SublayerKind.Attention), x, _attention.Forward(context, x, layout, rotation, masks));
        attended = Scaled(Normalized(NormRole.AttentionOutput, attended));
        if (!config.ParallelResidual)
        {
            h = context.Cut(Normalized(NormRole.AttentionResidual, h + attended));
            x = h;
        }
        if (Has(NormRole.MlpInput)) x = context.Cut(Normalized(NormRole.MlpInput, h));
        var transformed = context.AfterSublayer(new SublayerId(index, SublayerKind.Mlp), x, _mlp?.Forward(context, x) ?? _experts!.Forward(context, x));
        transformed = Scaled(Normalized(NormRole.MlpOutput, transformed));
        if (config.ParallelResidual) transformed = attended + transformed;
        return context.Cut(Normalized(NormRole.MlpResidual, h + transformed)).MoveToOuterDisposeScope();

        Tensor Normalized(NormRole role, Tensor y) => norms.TryGetValue(new NormId(index, role), out var norm) ? context.Normalize(new NormId(index, role), norm, y) : y;
    }

    private bool Has(NormRole role) => norms.ContainsKey(new NormId(index, role));

    private Tensor Scaled(Tensor y) => config.ResidualScale == 1 ? y : y * config.ResidualScale;
}

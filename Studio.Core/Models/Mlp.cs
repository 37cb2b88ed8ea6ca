using Studio.Core.Tensors;
using Studio.Core.Tensors.Kernels;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>down(act(gate(x)) * up(x)), or down(act(up(x))): the MLP of a block, all its experts, or the expert that every row goes to.</summary>
internal sealed class Mlp(DecoderConfig config, LayerId input, LayerId down, GateUpLayout layout)
{
    private static readonly SwiGluOperation Written = new();

    /// <summary>The MLP of a block.</summary>
    public static Mlp Dense(int block, DecoderConfig config) => new(config,
        new LayerId(block, config.GatedMlp ? BaseProjection.GateUp : BaseProjection.Up), new LayerId(block, BaseProjection.Down), config.GateUp);

    /// <summary>x [rows, hidden], cut, to [rows, hidden].</summary>
    /// <param name="context">Who runs it.</param>
    /// <param name="x">The rows; sorted by expert where there are several.</param>
    /// <param name="groups">Rows per expert.</param>
    public Tensor Forward(IForwardContext context, Tensor x, RowGroups? groups = null)
    {
        if (groups is null && IsPlainSwiGlu && context.ProjectWhole(input, x) is { } whole)
            return context.Project(down, context.Run(Written, whole) ?? context.Cut(Inner(whole.chunk(2, 1))))[0];
        var parts = context.Project(input, x, groups);
        // An answer must not depend, in its last bits, on whether the adapter changes the parts together or one by one.
        var inner = groups is null && IsPlainSwiGlu && !parts[0].requires_grad ? context.Run(Written, cat([parts[0], parts[1]], 1)) : null;
        return context.Project(down, inner ?? context.Cut(Inner(parts)), groups)[0];
    }

    private bool IsPlainSwiGlu => config.GatedMlp && config.Activation == Activation.Silu && layout == GateUpLayout.Separate && config.GateLimit is not > 0 && config.UpOffset == 0;

    private Tensor Inner(IReadOnlyList<Tensor> parts)
    {
        if (!config.GatedMlp) return Activate(parts[0]);
        var (gate, up) = GateAndUp(parts);
        if (config.GateLimit is > 0 and var limit) (gate, up) = (gate.clamp_max(limit), up.clamp(-limit, limit));
        if (config.UpOffset != 0) up = up + config.UpOffset;
        return config.Activation == Activation.Silu ? ScriptKernels.SwiGlu(gate, up) : Activate(gate) * up;
    }

    private (Tensor Gate, Tensor Up) GateAndUp(IReadOnlyList<Tensor> parts)
    {
        if (layout == GateUpLayout.Separate) return (parts[0], parts[1]);
        var halves = layout == GateUpLayout.Halves ? parts[0].chunk(2, 1) : parts[0].view(parts[0].size(0), -1, 2).unbind(2);
        return (halves[0], halves[1]);
    }

    private Tensor Activate(Tensor x) => config.Activation switch
    {
        Activation.Silu => nn.functional.silu(x),
        Activation.Gelu => nn.functional.gelu(x),
        Activation.GeluTanh => ScriptKernels.GeluTanh(x),
        Activation.QuickGelu => x * (x * 1.702).sigmoid(),
        Activation.Relu => nn.functional.relu(x),
        Activation.SquaredRelu => nn.functional.relu(x).square(),
        _ => throw new NotSupportedException($"The activation {config.Activation} has no implementation."),
    };
}

using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>One pre-norm block: <c>h += attention(norm(h)); h += mlp(norm(h))</c>.</summary>
internal sealed class DecoderBlock(int index, DecoderConfig config, Norm attentionNorm, Norm mlpNorm, RotaryEmbedding rotary)
{
    private readonly LayerId _queryKeyValue = new(index, BaseProjection.QueryKeyValue);
    private readonly LayerId _attentionOutput = new(index, BaseProjection.AttentionOutput);
    private readonly LayerId _mlpInput = new(index, config.GatedMlp ? BaseProjection.GateUp : BaseProjection.Up);
    private readonly LayerId _down = new(index, BaseProjection.Down);

    /// <summary>h [rows, hidden] to h [rows, hidden].</summary>
    public Tensor Forward(IForwardContext context, Tensor h, BatchLayout layout, RotaryRows rows, Tensor?[] masks)
    {
        using var scope = NewDisposeScope();
        var x = context.Cut(context.Normalize(new NormId(index, NormRole.AttentionInput), attentionNorm, h));
        var attended = Attention(context, x, layout, rows, masks);
        h = context.Cut(h + context.AfterSublayer(new SublayerId(index, SublayerKind.Attention), x, attended));
        x = context.Cut(context.Normalize(new NormId(index, NormRole.MlpInput), mlpNorm, h));
        var transformed = Mlp(context, x);
        h = context.Cut(h + context.AfterSublayer(new SublayerId(index, SublayerKind.Mlp), x, transformed));
        return h.MoveToOuterDisposeScope();
    }

    private Tensor Attention(IForwardContext context, Tensor x, BatchLayout layout, RotaryRows rows, Tensor?[] masks)
    {
        var parts = context.Project(_queryKeyValue, x);
        var q = rotary.Apply(parts[0].view(-1, config.Heads, config.HeadWidth), rows);         // [rows, heads, d]
        var k = rotary.Apply(parts[1].view(-1, config.KeyValueHeads, config.HeadWidth), rows); // [rows, kv_heads, d]
        var v = parts[2].view(-1, config.KeyValueHeads, config.HeadWidth);                     // [rows, kv_heads, d]

        // Split, not narrow: its backward joins the pieces once, a narrow's would fill a whole tensor for every sequence.
        long[] rowCounts = [.. layout.Spans.Select(span => (long)span.Rows)];
        var (qs, ks, vs) = (q.split(rowCounts, 0), k.split(rowCounts, 0), v.split(rowCounts, 0));
        var outputs = new Tensor[rowCounts.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            var span = layout.Spans[i];
            var kv = KeysAndValues(context, layout, i, ks[i], vs[i]);     // [kv_heads, m, d]
            var queries = qs[i].transpose(0, 1).unsqueeze(0);             // [1, heads, n, d]
            var attended = ScriptKernels.Attention(queries, kv.Keys.unsqueeze(0), kv.Values.unsqueeze(0), masks[i],
                causal: masks[i] is null && span.Rows > 1, config.AttentionScale, grouped: config.Heads != config.KeyValueHeads);
            outputs[i] = attended.squeeze(0).transpose(0, 1).reshape(span.Rows, -1); // [n, heads * d]
        }
        return context.Project(_attentionOutput, context.Cut(outputs.Length == 1 ? outputs[0] : cat(outputs, 0)))[0];
    }

    private KeyValues KeysAndValues(IForwardContext context, BatchLayout layout, int sequence, Tensor k, Tensor v)
    {
        if (layout.PrefixRows(sequence) > 0)
        {
            var prefix = context.Prefix(index, sequence); // [p, kv_heads, d]
            k = cat([prefix.Keys.to(k.dtype), k], 0);
            v = cat([prefix.Values.to(v.dtype), v], 0);
        }
        var cache = layout.Cache(sequence);
        return cache is null ? new KeyValues(k.transpose(0, 1), v.transpose(0, 1)) : cache.Append(index, k, v);
    }

    private Tensor Mlp(IForwardContext context, Tensor x)
    {
        var parts = context.Project(_mlpInput, x);
        var inner = config.GatedMlp && config.Activation == Activation.Silu ? ScriptKernels.SwiGlu(parts[0], parts[1])
            : config.GatedMlp ? Activate(parts[0]) * parts[1]
            : Activate(parts[0]);
        return context.Project(_down, context.Cut(inner))[0];
    }

    private Tensor Activate(Tensor x) => config.Activation switch
    {
        Activation.Silu => nn.functional.silu(x),
        Activation.Gelu => nn.functional.gelu(x),
        Activation.GeluTanh => ScriptKernels.GeluTanh(x),
        Activation.Relu => nn.functional.relu(x),
        _ => throw new NotSupportedException($"The activation {config.Activation} has no implementation."),
    };
}

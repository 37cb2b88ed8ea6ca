using Studio.Core.Tensors;
using Studio.Core.Tensors.Kernels;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>Self-attention of one block, sequence by sequence of the flattened batch, with its two base calls.</summary>
internal sealed class SelfAttention(int index, DecoderConfig config, IReadOnlyDictionary<NormId, Norm> norms, RotaryEmbedding? rotary, Tensor? sinks)
{
    private readonly LayerId _queryKeyValue = new(index, BaseProjection.QueryKeyValue);
    private readonly LayerId _output = new(index, BaseProjection.AttentionOutput);
    private readonly BlockConfig _block = config.Block(index);
    private readonly bool _grouped = config.Heads != config.KeyValueHeads;

    private readonly AttentionShape _inOrder = Shape(config, index, new FusedHeads(1));
    private readonly AttentionShape _asProjected = Shape(config, index, config.FusedQueryKeyValue ?? new FusedHeads(1));

    /// <summary>x [rows, hidden], cut, to [rows, hidden].</summary>
    public Tensor Forward(IForwardContext context, Tensor x, BatchLayout layout, RotaryRows? rotation, AttentionMasks masks)
    {
        var written = IsPlain && RowLoop.Knows(x) ? Written(x, layout, rotation) : null;
        var whole = written is not null && !ChangesHeads ? context.ProjectWhole(_queryKeyValue, x) : null;
        var attended = whole is null ? null : context.Run(written!(_asProjected), whole);
        if (attended is null)
        {
            var (q, k, v) = QueriesKeysValues(context, whole is null ? context.Project(_queryKeyValue, x) : Parts(whole)); // [rows, heads, d], [rows, kv_heads, d] twice
            if (written is not null) attended = context.Run(written(_inOrder), [q.flatten(1), k.flatten(1), v.flatten(1)]);
            attended ??= context.Cut(BySequence(context, q, k, v, layout, rotation, masks));
        }
        return context.Project(_output, attended)[0];
    }

    private bool IsPlain => config.Alibi is null && sinks is null && config.AttentionSoftcap == 0 && _block.AttentionScale > 0 && CausalAttentionOperation.Suits;

    // Whether something comes between projection and rotation.
    private bool ChangesHeads => config.QueryKeyNorm != QueryKeyNormKind.None || config.QueryKeyValueClip > 0;

    private static AttentionShape Shape(DecoderConfig config, int index, FusedHeads heads) => AttentionShape.Of(
        config.Heads, config.KeyValueHeads, config.HeadWidth, config.Block(index).AttentionScale, config.Block(index).Window, heads.Groups, heads.ValuesFirst);

    // The operation for where the heads lie: of sequences that see themselves alone, or of a decode pass. Null where rows and caches mix.
    private Func<AttentionShape, WrittenOperation>? Written(Tensor x, BatchLayout layout, RotaryRows? rotation)
    {
        if (layout.StandsAlone) return shape => new CausalAttentionOperation(shape, [.. layout.Spans.Select(span => span.Rows)], Angles());
        return layout.CachesOfSingleRows(x) is { } caches ? shape => new CachedAttention(shape, index, caches, Angles()) : null;

        RotaryAngles? Angles() => rotary?.Angles(rotation!);
    }

    // [rows, heads * d]
    private Tensor BySequence(IForwardContext context, Tensor q, Tensor k, Tensor v, BatchLayout layout, RotaryRows? rotation, AttentionMasks masks)
    {
        if (rotary is not null) (q, k) = (rotary.Apply(q, rotation!), rotary.Apply(k, rotation!));
        // Split, not narrow: its backward joins the pieces once, a narrow's would fill a whole tensor for every sequence.
        long[] rowCounts = [.. layout.Spans.Select(span => (long)span.Rows)];
        var (qs, ks, vs) = (q.split(rowCounts, 0), k.split(rowCounts, 0), v.split(rowCounts, 0));
        var outputs = new Tensor[rowCounts.Length];
        for (int i = 0; i < outputs.Length; i++)
        {
            var kv = KeysAndValues(context, layout, i, ks[i], vs[i]);     // [kv_heads, m, d]
            var queries = qs[i].transpose(0, 1).unsqueeze(0);             // [1, heads, n, d]
            var attended = Attend(queries, kv.Keys.unsqueeze(0), kv.Values.unsqueeze(0), masks, i);
            outputs[i] = attended.squeeze(0).transpose(0, 1).reshape(rowCounts[i], -1); // [n, heads * d]
        }
        return outputs.Length == 1 ? outputs[0] : cat(outputs, 0);
    }

    private Tensor[] Parts(Tensor whole) => config.FusedQueryKeyValue is not null ? [whole]
        : whole.split([(long)config.Heads * config.HeadWidth, (long)config.KeyValueHeads * config.HeadWidth, (long)config.KeyValueHeads * config.HeadWidth], 1);

    private (Tensor Q, Tensor K, Tensor V) QueriesKeysValues(IForwardContext context, IReadOnlyList<Tensor> parts)
    {
        var (q, k, v) = config.FusedQueryKeyValue is { } fused ? SplitHeads(parts[0], fused)
            : (Heads(parts[0], config.Heads), Heads(parts[1], config.KeyValueHeads), Heads(parts[2], config.KeyValueHeads));
        if (config.QueryKeyNorm != QueryKeyNormKind.None) (q, k) = (Normalized(NormRole.Query, q), Normalized(NormRole.Key, k));
        if (config.QueryKeyValueClip is > 0 and var limit) (q, k, v) = (q.clamp(-limit, limit), k.clamp(-limit, limit), v.clamp(-limit, limit));
        return (q, k, v);

        Tensor Normalized(NormRole role, Tensor heads)
        {
            var id = new NormId(index, role);
            return config.QueryKeyNorm == QueryKeyNormKind.Projection
                ? context.Normalize(id, norms[id], heads.flatten(1)).view(heads.shape)
                : context.Normalize(id, norms[id], heads);
        }
    }

    // A fused projection's output as views of its parts, group by group of heads.
    private (Tensor Q, Tensor K, Tensor V) SplitHeads(Tensor y, FusedHeads fused)
    {
        long groups = fused.Groups, query = config.Heads / groups, keyValue = config.KeyValueHeads / groups;
        var parts = y.view(-1, groups, query + 2 * keyValue, config.HeadWidth).split([query, keyValue, keyValue], 2);
        var (k, v) = fused.ValuesFirst ? (parts[2], parts[1]) : (parts[1], parts[2]);
        return (Heads(parts[0], config.Heads), Heads(k, config.KeyValueHeads), Heads(v, config.KeyValueHeads));
    }

    private Tensor Heads(Tensor y, int heads) => y.reshape(-1, heads, config.HeadWidth);

    private Tensor Attend(Tensor q, Tensor k, Tensor v, AttentionMasks masks, int sequence)
    {
        long queries = q.size(2), keys = k.size(2);
        if (sinks is not null || config.AttentionSoftcap > 0)
            return ScriptKernels.ScoredAttention(q, k, v, masks.Explicit(sequence, _block.Window, keys), _block.AttentionScale, config.AttentionSoftcap, sinks);
        var mask = config.Alibi is null ? masks.Visible(sequence, _block.Window, keys) : masks.Biased(sequence, _block.Window, keys);
        return ScriptKernels.Attention(q, k, v, mask, causal: mask is null && queries > 1, _block.AttentionScale, _grouped);
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
}

using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Core.Tensors;

/// <summary>
/// TorchScript functions: they reach ATen operators that TorchSharp does not wrap, and do in one call what would be many where dispatch
/// dominates. Every function is differentiable where its inputs are.
/// </summary>
public static class ScriptKernels
{
    private const string Source = """
        def rms_norm(x, weight: Optional[Tensor], eps: float):
            return torch.rms_norm(x, [x.size(-1)], weight, eps)

        def attention(q, k, v, mask: Optional[Tensor], causal: bool, scale: float, grouped: bool):
            return torch.scaled_dot_product_attention(q, k, v, mask, 0.0, causal, scale=scale, enable_gqa=grouped)

        def scored_attention(q, k, v, mask: Optional[Tensor], scale: float, cap: float, sinks: Optional[Tensor]):
            heads, n, kv_heads, m = q.size(1), q.size(2), k.size(1), k.size(2)
            rows = q.reshape(kv_heads, heads // kv_heads * n, q.size(3))
            scores = (torch.matmul(rows, k[0].transpose(-1, -2)) * scale).reshape(heads, n, m)
            if cap > 0.0:
                scores = torch.tanh(scores / cap) * cap
            if mask is not None:
                scores = scores.masked_fill(mask.logical_not(), float("-inf"))
            if sinks is not None:
                scores = torch.cat([scores, sinks.to(scores.dtype).view(-1, 1, 1).expand(heads, n, 1)], -1)
            weights = torch.softmax(scores, -1, 7 if scores.dtype == 7 else 6) # 6 = fp32, 7 = fp64: the interpreter knows no torch.float32 here
            if sinks is not None:
                weights = weights.narrow(-1, 0, m)
            mixed = torch.matmul(weights.to(v.dtype).reshape(kv_heads, heads // kv_heads * n, m), v[0])
            return mixed.reshape(1, heads, n, v.size(3))

        def swiglu(gate, up):
            return torch.silu(gate) * up

        def gelu_tanh(x):
            return torch.gelu(x, approximate="tanh")

        def rotate_half(x, cos, sin, width: int):
            y = x.narrow(-1, 0, width)
            half = width // 2
            turned = torch.cat([-y.narrow(-1, half, half), y.narrow(-1, 0, half)], -1)
            y = y * cos + turned * sin
            if width < x.size(-1):
                y = torch.cat([y, x.narrow(-1, width, x.size(-1) - width)], -1)
            return y

        def rotate_pairs(x, cos, sin, width: int):
            half = width // 2
            pairs = x.narrow(-1, 0, width).unflatten(-1, [half, 2])
            even, odd = pairs.select(-1, 0), pairs.select(-1, 1)
            c, s = cos.narrow(-1, 0, half), sin.narrow(-1, 0, half)
            y = torch.stack([even * c - odd * s, odd * c + even * s], -1).flatten(-2)
            if width < x.size(-1):
                y = torch.cat([y, x.narrow(-1, width, x.size(-1) - width)], -1)
            return y

        def version(x):
            return torch.tensor(x._version())

        def fused_adamw(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], steps: List[Tensor], lr: float, beta1: float, beta2: float, decay: float, eps: float):
            torch._fused_adamw_(p, g, m, v, [], steps, lr=lr, beta1=beta1, beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False, maximize=False)
            return p[0]

        def int8_multiply(x, w, scales):
            return torch._weight_int8pack_mm(x, w, scales)

        def sparse_multiply(places, values, rows: int, columns: int, x):
            return torch.mm(torch.sparse_coo_tensor(places, values, [rows, columns]), x)

        """;

    private static readonly Lazy<jit.CompilationUnit> Unit = new(() => jit.compile(Source));

    /// <summary>How often the storage of a tensor was changed in place, through whichever view.</summary>
    public static long Version(Tensor x)
    {
        using var count = Invoke("version", x);
        return count.item<long>();
    }

    /// <summary>RMSNorm over the last dimension, computed in fp32 inside. x [.., hidden], weight [hidden] or null.</summary>
    public static Tensor RmsNorm(Tensor x, Tensor? weight, double epsilon) => Invoke("rms_norm", x, weight!, epsilon);

    /// <summary>Scaled dot-product attention. q [1, heads, n, d], k and v [1, kv_heads, m, d]; returns [1, heads, n, d].</summary>
    /// <param name="q">Queries.</param>
    /// <param name="k">Keys.</param>
    /// <param name="v">Values.</param>
    /// <param name="mask">Boolean (true = visible) or additive, [n, m]; null for none.</param>
    /// <param name="causal">Query i sees keys 0..i; only without a mask and for n = m.</param>
    /// <param name="scale">Factor on q k^T.</param>
    /// <param name="grouped">Whether heads share keys (kv_heads &lt; heads).</param>
    public static Tensor Attention(Tensor q, Tensor k, Tensor v, Tensor? mask, bool causal, double scale, bool grouped) =>
        Invoke("attention", q, k, v, mask!, causal, scale, grouped);

    /// <summary>Attention for what the fused kernel does not know. Shapes as in <see cref="Attention"/>.</summary>
    /// <param name="q">Queries.</param>
    /// <param name="k">Keys.</param>
    /// <param name="v">Values.</param>
    /// <param name="mask">Boolean (true = visible), [n, m]; null for none.</param>
    /// <param name="scale">Factor on q k^T.</param>
    /// <param name="softcap">Scores s become cap * tanh(s / cap) before the mask; 0 = no cap.</param>
    /// <param name="sinks">A logit per head that joins the softmax and is dropped afterwards, [heads]; null for none.</param>
    public static Tensor ScoredAttention(Tensor q, Tensor k, Tensor v, Tensor? mask, double scale, double softcap, Tensor? sinks) =>
        Invoke("scored_attention", q, k, v, mask!, scale, softcap, sinks!);

    /// <summary>silu(gate) * up, element-wise.</summary>
    public static Tensor SwiGlu(Tensor gate, Tensor up) => Invoke("swiglu", gate, up);

    /// <summary>The tanh approximation of GELU.</summary>
    public static Tensor GeluTanh(Tensor x) => Invoke("gelu_tanh", x);

    /// <summary>Rotary embedding of the first <paramref name="width"/> features, half-split layout. x [tokens, heads, d]; cos, sin [tokens, 1, width].</summary>
    public static Tensor RotateHalf(Tensor x, Tensor cos, Tensor sin, int width) => Invoke("rotate_half", x, cos, sin, (long)width);

    /// <summary>The same for neighbouring features: 2i with 2i + 1.</summary>
    public static Tensor RotatePairs(Tensor x, Tensor cos, Tensor sin, int width) => Invoke("rotate_pairs", x, cos, sin, (long)width);

    /// <summary>One AdamW update (Loshchilov and Hutter 2019) of flat buffers in place; <paramref name="step"/> holds the 1-based step number as fp32.</summary>
    public static void FusedAdamW(Tensor values, Tensor gradients, Tensor firstMoments, Tensor secondMoments, Tensor step,
        double learningRate, double beta1, double beta2, double weightDecay, double epsilon)
    {
        // The result is the first argument itself: only its extra handle is released.
        using var result = Invoke("fused_adamw", new[] { values }, new[] { gradients }, new[] { firstMoments }, new[] { secondMoments },
            new[] { step }, learningRate, beta1, beta2, weightDecay, epsilon);
    }

    /// <summary>S x of a sparse S [rows, columns], differentiable in its values and in x: TorchSharp's own sparse tensors forget where their values came from.</summary>
    /// <param name="places">Rows and columns of the values, [2, n].</param>
    /// <param name="values">The values, [n].</param>
    /// <param name="rows">Rows of S.</param>
    /// <param name="columns">Columns of S.</param>
    /// <param name="x">[columns, m].</param>
    public static Tensor SparseMultiply(Tensor places, Tensor values, long rows, long columns, Tensor x) => Invoke("sparse_multiply", places, values, rows, columns, x);

    /// <summary>x (w * scales)^T on the CPU, with w read as it is. x [rows, in] and scales [out] of one floating type, w [out, in] int8; in a multiple of 32, out of 4.</summary>
    public static Tensor Int8Multiply(Tensor x, Tensor w, Tensor scales) => Invoke("int8_multiply", x, w, scales);

    // TorchSharp passes a double as a native scalar whose wrapper nobody holds: a collection during the call would free it under the
    // function's feet (seen as "Expected false to be true" after some hundred calls). Here it lives until the call is over.
    private static Tensor Invoke(string function, params object[] arguments)
    {
        List<Scalar>? scalars = null;
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is not double number) continue;
            arguments[i] = number.ToScalar();
            (scalars ??= []).Add((Scalar)arguments[i]);
        }
        var result = (Tensor)Unit.Value.invoke(function, arguments)!;
        GC.KeepAlive(arguments);
        scalars?.ForEach(scalar => scalar.Dispose());
        return result;
    }
}

using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// DoRA (Liu et al. 2024, arXiv 2402.09353; PEFT <c>DoraLinearLayer</c>): y = b + m/n (W + s B A) x with n the norms of the rows of W + s B A, which count as
/// constants in the backward. The norms never need that matrix: n^2 = |w|^2 + 2 s &lt;w A^T, b&gt; + s^2 b A A^T b^T, where |w|^2 is asked once and W A^T is one
/// base call over r rows. They are computed again only when the adapter's values have changed. For an embedding the norms are those of the columns of its table.
/// </summary>
internal sealed class DoraNorms : IDisposable
{
    // Rows of an embedding that are looked at together.
    private const int Chunk = 8192;

    private readonly AdapterSite _site;
    private readonly IReadOnlyList<LoraTarget> _targets;
    private readonly FlatParameters _parameters;
    private readonly Func<LoraTarget, LoraPair> _pair;
    private readonly Dictionary<string, Tensor> _squares = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _biases = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _norms = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private long _version = -1;

    /// <summary>Asks the base for the norms of its rows, and for biases.</summary>
    public DoraNorms(AdapterSite site, IReadOnlyList<LoraTarget> targets, FlatParameters parameters, Func<LoraTarget, LoraPair> pair)
    {
        (_site, _targets, _parameters, _pair) = (site, targets, parameters, pair);
        var weights = site.Weights("DoRA needs the row norms of its target modules");
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var target in targets)
        {
            var layer = target.Module.Layer;
            _squares[target.A] = (target.IsEmbedding ? OverTable(target, (rows, _) => rows.square().sum(0)) : weights.RowNorms(layer).to(site.Type).square()).Owned();
            if (!target.IsEmbedding && weights.Bias(layer) is { } bias) _biases[target.A] = bias.to(site.Type, copy: true).Owned();
        }
    }

    /// <summary>Begins a pass: every target's norms are there, [out].</summary>
    public void Begin(AdapterPass pass)
    {
        lock (_lock)
        {
            long version = _parameters.Version;
            if (version != _version)
            {
                using var scope = NewDisposeScope();
                Forget();
                foreach (var target in _targets) _norms[target.A] = Compute(target).Owned();
                _version = version;
            }
            foreach (var target in _targets) pass.Share(target.A, _norms[target.A].alias());
        }
    }

    /// <summary>What the next pass uses is computed anew.</summary>
    public void Forget()
    {
        foreach (var norms in _norms.Values) norms.Dispose();
        _norms.Clear();
        _version = -1;
    }

    /// <summary>n of a target from the values as they are, [out].</summary>
    public Tensor Compute(LoraTarget target)
    {
        using var grad = no_grad();
        var (a, b) = _pair(target);
        var cross = target.IsEmbedding ? OverTable(target, (rows, start) => a.narrow(1, start, rows.size(0)).matmul(rows)) : _site.Multiply(target.Module, a); // [r, out]
        var squares = _squares[target.A] + 2 * target.Scale * (cross.t() * b).sum(1) + target.Scale * target.Scale * (b.matmul(a.matmul(a.t())) * b).sum(1);
        return squares.clamp_min(1e-30).sqrt();
    }

    /// <summary>m/n from the magnitudes of a target, [out], differentiable in m.</summary>
    public static Tensor Factor(LoraTarget target, Tensor magnitudes, AdapterPass pass) => magnitudes / pass.Shared(target.A);

    /// <summary>b + factor (y - b) for a y of the target [rows, out]: exactly y where the factor is one.</summary>
    public Tensor Apply(LoraTarget target, Tensor y, Tensor factor)
    {
        var change = (factor - 1).to(y.dtype);
        return y + change * (_biases.TryGetValue(target.A, out var bias) ? y - bias.to(y.dtype) : y);
    }

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        Forget();
        foreach (var tensor in _squares.Values.Concat(_biases.Values)) tensor.Dispose();
    }

    private Tensor OverTable(LoraTarget target, Func<Tensor, long, Tensor> part)
    {
        var weights = _site.Weights("DoRA on the token embedding needs its rows");
        Tensor? sum = null;
        for (long start = 0; start < target.Module.InputFeatures; start += Chunk)
        {
            using var scope = NewDisposeScope();
            var rows = weights.Rows(target.Module.Layer, arange(start, Math.Min(start + Chunk, target.Module.InputFeatures), dtype: ScalarType.Int64, device: _site.Device)).to(_site.Type);
            var next = part(rows, start);
            var total = sum is null ? next : sum + next;
            sum?.Dispose();
            sum = total.MoveToOuterDisposeScope();
        }
        return sum!;
    }
}

using TorchSharp;

namespace Studio.Core.Tensors;

/// <summary>Intra-op threads of the calling thread for a while; the former number returns with <see cref="Dispose"/>.</summary>
public readonly struct IntraOpThreads : IDisposable
{
    private readonly int _former;

    private IntraOpThreads(int former) => _former = former;

    /// <summary>Uses so many threads, at most one per core, at least as many as now.</summary>
    public static IntraOpThreads Use(int threads)
    {
        int former = torch.get_num_threads(), wanted = Math.Min(threads, Environment.ProcessorCount);
        if (wanted <= former) return default;
        torch.set_num_threads(wanted);
        return new IntraOpThreads(former);
    }

    /// <summary>Goes back to the former number.</summary>
    public void Dispose()
    {
        if (_former > 0) torch.set_num_threads(_former);
    }
}

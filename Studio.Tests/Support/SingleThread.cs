using static TorchSharp.torch;

namespace Studio.Tests.Support;

/// <summary>Computes on the calling thread alone until disposed: then equal inputs give equal bits, whatever else the machine does.</summary>
internal sealed class SingleThread : IDisposable
{
    private readonly int _before = get_num_threads();

    public SingleThread() => set_num_threads(1);

    public void Dispose() => set_num_threads(_before);
}

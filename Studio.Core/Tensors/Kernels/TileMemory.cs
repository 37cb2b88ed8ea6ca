using System.Runtime.InteropServices;

namespace Studio.Core.Tensors.Kernels;

/// <summary>Room for the tiles of one kernel call on one thread: taken piece by piece, given back together. Not cleared.</summary>
internal sealed unsafe class TileMemory : IDisposable
{
    private const int Line = 64;

    private readonly List<nint> _pieces = [];

    /// <summary>A piece that begins with a cache line.</summary>
    public T* Take<T>(long count)
        where T : unmanaged
    {
        void* piece = NativeMemory.AlignedAlloc(checked((nuint)(count * sizeof(T))), Line);
        _pieces.Add((nint)piece);
        return (T*)piece;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (nint piece in _pieces) NativeMemory.AlignedFree((void*)piece);
        _pieces.Clear();
    }
}

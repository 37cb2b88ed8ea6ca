using static TorchSharp.torch;

namespace Studio.Core.Tensors.Kernels;

/// <summary>Runs a kernel over the rows of a matrix with as many threads as the calling thread has for torch.</summary>
internal static class RowLoop
{
    // Below this many elements a second thread costs more than it brings.
    private const long Worth = 1 << 15;

    /// <summary>Whether kernels can work on a tensor where it lies: fp32 or bf16, on the CPU, without gaps.</summary>
    public static bool Suits(params ReadOnlySpan<Tensor> tensors)
    {
        foreach (var x in tensors)
            if (!Knows(x) || x.dtype != tensors[0].dtype || !x.is_contiguous()) return false;
        return true;
    }

    /// <summary>Whether kernels know a tensor's type and can reach its memory.</summary>
    public static bool Knows(Tensor x) => x.device.type == TorchSharp.DeviceType.CPU && x.dtype is ScalarType.Float32 or ScalarType.BFloat16;

    /// <summary>Where a tensor's elements begin. Valid as long as the tensor is.</summary>
    public static unsafe nint AddressOf(Tensor x)
    {
        fixed (byte* start = x.bytes) return (nint)start; // memory of libtorch: nothing moves it
    }

    /// <summary>The same for a matrix whose rows may lie apart, as columns of a wider one do; the elements of a row may not.</summary>
    public static nint AddressOfRows(Tensor x)
    {
        using var first = x.narrow(0, 0, 1);
        return AddressOf(first);
    }

    /// <summary>Calls <paramref name="rows"/> with neighbouring ranges [from, to) that cover all rows.</summary>
    public static void Run(int count, long elements, Action<int, int> rows)
    {
        int parts = elements < Worth ? 1 : Math.Min(count, get_num_threads());
        if (parts <= 1) rows(0, count);
        else Parallel.For(0, parts, part => rows((int)((long)count * part / parts), (int)((long)count * (part + 1) / parts)));
    }
}

using System.Runtime.InteropServices;

namespace Studio.Core.Tensors.Kernels;

/// <summary>
/// The product of small bf16 matrices with sums in fp32 that libtorch's attention is made of (<c>at::native::cpublas::brgemm</c>, oneDNN's on AMX): no operator of torch gives
/// fp32 sums of bf16 factors on a CPU, and .NET has no instructions for the unit. Found by its C++ name, which spells out its parameters: a libtorch without this very
/// function has no such name, and then the unit counts as absent.
/// </summary>
internal static unsafe class MatrixUnit
{
    private const byte BFloat16 = 15; // c10::ScalarType

    private static readonly delegate* unmanaged<long, long, long, long, long, long, byte, ushort*, ushort*, float*, byte, void> Product;
    private static readonly delegate* unmanaged<byte, void> Leave;

    static MatrixUnit()
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || !OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libtorch_cpu.so", out nint library)) return;
        if (!NativeLibrary.TryGetExport(library, "_ZN2at6native7cpublas6brgemmEllllllbPKN3c108BFloat16ES5_Pfb", out nint product)
            || !NativeLibrary.TryGetExport(library, "_ZN2at6native7cpublas14brgemm_releaseEb", out nint leave)
            || !NativeLibrary.TryGetExport(library, "_ZN2at6native7cpublas10could_packEN3c1010ScalarTypeE", out nint could)) return;
        // Without pairs of rows the function would take another way.
        if (((delegate* unmanaged<byte, byte>)could)(BFloat16) == 0) return;
        Product = (delegate* unmanaged<long, long, long, long, long, long, byte, ushort*, ushort*, float*, byte, void>)product;
        Leave = (delegate* unmanaged<byte, void>)leave;
    }

    /// <summary>Whether it is there.</summary>
    public static bool Exists => Product is not null;

    /// <summary>
    /// As <see cref="ITileProducts{T}.Multiply"/>. The first product of a shape on a thread makes its code, and a change of shape costs as much as a product: few shapes, please.
    /// That is also why there is no way to overwrite the result.
    /// </summary>
    public static void Multiply(int rows, int columns, int inner, ushort* left, int leftStride, ushort* right, float* result, int resultStride) =>
        Product(rows, columns, inner, leftStride, columns, resultStride, 1, left, right, result, 1);

    /// <summary>Gives the calling thread's share of the unit back.</summary>
    public static void Release() => Leave(1);
}

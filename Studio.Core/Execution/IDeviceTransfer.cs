using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>Brings tensors from one device to another.</summary>
public interface IDeviceTransfer
{
    /// <summary>A copy of x on a device. Belongs to the caller: it joins the dispose scope of the calling thread, where there is one.</summary>
    Tensor Move(Tensor x, Device to);
}

/// <summary>torch's own copy, which returns when the bytes are there.</summary>
public sealed class TorchTransfer : IDeviceTransfer
{
    private TorchTransfer()
    {
    }

    /// <summary>The one instance: it has no state.</summary>
    public static TorchTransfer Instance { get; } = new();

    /// <inheritdoc/>
    public Tensor Move(Tensor x, Device to)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.to(to);
    }
}

using TorchSharp;

namespace Studio.Tests.Support;

/// <summary>
/// Base of tests that make tensors: each must dispose what it made. The counter of live tensors is the process's, so these tests run one
/// after the other, in a collection that nothing runs beside.
/// </summary>
[Collection(TensorCollection.Name)]
public abstract class TensorTest : IDisposable
{
    private readonly TensorLeakCheck _leaks = new();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the test class itself holds; the leak check follows.</summary>
    protected virtual void Release()
    {
    }

    private void Dispose(bool disposing)
    {
        if (!disposing) return;
        Release();
        _leaks.AssertNone();
    }
}

/// <summary>The collection of all tensor tests.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TensorCollection
{
    public const string Name = "Tensors";
}

/// <summary>Compares the number of live tensors at two moments.</summary>
public sealed class TensorLeakCheck
{
    private readonly long _before;

    public TensorLeakCheck()
    {
        // Tensors that others left to the garbage collector must not be counted as freed by this test.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        _before = torch.Tensor.TotalCount;
    }

    /// <summary>Live tensors more than at the start.</summary>
    public long Delta => torch.Tensor.TotalCount - _before;

    public void AssertNone() => Assert.Equal(0, Delta);
}

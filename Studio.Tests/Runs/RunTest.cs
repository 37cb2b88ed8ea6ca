using Studio.Core.Runs;
using Studio.Tests.Storage;
using Studio.Tests.Support;

namespace Studio.Tests.Runs;

/// <summary>Base of tests of whole runs: a folder of its own, and no tensor left when it is over.</summary>
public abstract class RunTest : TensorTest
{
    private readonly TestDirectory _folder = new();

    private protected string Root => _folder.Root;

    /// <summary>A loss that is the same but for the last bits of fp32.</summary>
    private protected static void AssertSame(IReadOnlyList<double> expected, IReadOnlyList<double> found)
    {
        Assert.Equal(expected.Count, found.Count);
        for (int i = 0; i < expected.Count; i++) Assert.InRange(Math.Abs(found[i] - expected[i]) / expected[i], 0, 1e-5);
    }

    private protected Task<TestStudio> OpenAsync(RunManagerOptions? options = null) => TestStudio.OpenAsync(Root, options);

    protected override void Release() => _folder.Dispose();
}

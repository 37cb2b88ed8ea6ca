using System.Globalization;
using Studio.Core.Tensors;
using Studio.Core.Training;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Tensors;

/// <summary>Values and moments that lie in files are what they are in memory, need none between steps, and leave nothing behind.</summary>
public sealed class FileTensorTests : TensorTest
{
    private readonly TestDirectory _folder = new();
    private int _files;

    [Fact]
    public void Park_AtAnyTime_LosesNoBit()
    {
        using var parameters = InFiles(1_000_003);
        using var random = new Generator(3);
        Fill(parameters.Values, random);
        float[] before = parameters.Values.ToFloatArray();
        parameters.Park();
        Assert.Equal(before, parameters.Values.ToFloatArray());
        Fill(parameters.FirstMoments, random);
        Fill(parameters.SecondMoments, random);
        var (first, second) = (parameters.FirstMoments.ToFloatArray(), parameters.SecondMoments.ToFloatArray());
        Assert.NotEqual(first, second);
        for (int round = 0; round < 3; round++)
        {
            parameters.Park();
            Assert.Equal(first, parameters.FirstMoments.ToFloatArray());
            Assert.Equal(second, parameters.SecondMoments.ToFloatArray());
            Assert.Equal(before, parameters.Values.ToFloatArray());
        }
    }

    [Fact]
    public void Step_ParkedAfterEachOne_EqualsTrainingInMemory()
    {
        using var inMemory = new FlatParameters(Entries(50_000), CPU);
        using var inFiles = InFiles(50_000);
        foreach (var parameters in new[] { inMemory, inFiles })
        {
            using var random = new Generator(3);
            Fill(parameters.Values, random);
            var optimizer = new FlatAdamW(new AdamWOptions());
            for (int step = 0; step < 5; step++)
            {
                using (var gradient = randn([50_000], generator: random)) parameters.AddGradient("a", gradient);
                optimizer.Step(parameters, 1e-2);
                parameters.ReleaseGradients();
                parameters.Park();
            }
        }
        Assert.Equal(inMemory.Values.ToFloatArray(), inFiles.Values.ToFloatArray());
        Assert.Equal(inMemory.FirstMoments.ToFloatArray(), inFiles.FirstMoments.ToFloatArray());
        Assert.Equal(inMemory.SecondMoments.ToFloatArray(), inFiles.SecondMoments.ToFloatArray());
    }

    [Fact]
    public void ReleaseMoments_ThenDispose_TheFilesGoWithWhatTheyHeld()
    {
        using (var parameters = InFiles(5000))
        {
            Assert.Equal([20_000L], Sizes());
            parameters.CreateMoments();
            Assert.Equal([20_000L, 40_000L], Sizes());
            using (no_grad()) parameters.FirstMoments.fill_(1);
            parameters.ReleaseMoments();
            Assert.Equal([20_000L], Sizes());
            Assert.All(parameters.FirstMoments.ToFloatArray(), moment => Assert.Equal(0, moment)); // begun anew
        }
        Assert.Empty(Sizes());
    }

    [Fact]
    public void Park_OnLinux_GivesTheMemoryBack()
    {
        if (!OperatingSystem.IsLinux()) return; // elsewhere the system does so by itself
        using var parameters = InFiles(1 << 20);
        parameters.CreateMoments();
        using (no_grad())
        {
            parameters.Values.fill_(1);
            parameters.FirstMoments.fill_(2);
            parameters.SecondMoments.fill_(3);
        }
        Assert.Equal(12L << 20, ResidentBytes());
        parameters.Park();
        Assert.Equal(0, ResidentBytes());
        Assert.Equal(6.0, new[] { parameters.Values, parameters.FirstMoments, parameters.SecondMoments }.Sum(buffer => buffer.ToFloatArray().Average(value => (double)value)));
    }

    [Fact]
    public void New_MoreThanTheDiskHolds_IsRefusedWithTheFileAndItsSize()
    {
        var entries = new[] { new FlatEntry("a", [1L << 24, 1L << 24]) };
        var refusal = Assert.Throws<IOException>(() => new FlatParameters(entries, CPU, newFile: NewFile));
        Assert.Contains($"{1L << 50:N0} bytes", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.File("state1"), refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Sizes());
    }

    [Fact]
    public void CreateMoments_FolderMayNotBeWritten_IsRefusedAndTheValuesServeOn()
    {
        string folder = _folder.File("gone");
        Directory.CreateDirectory(folder);
        using var parameters = new FlatParameters(Entries(1000), CPU, newFile: () => Path.Combine(folder, (++_files).ToString(CultureInfo.InvariantCulture)));
        using (no_grad()) parameters.Values.fill_(7);
        Directory.Move(folder, folder + "-away");
        var refusal = Assert.Throws<IOException>(parameters.CreateMoments);
        Assert.Contains(Path.Combine(folder, "2"), refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, parameters.MomentBytes);
        parameters.Park();
        Assert.All(parameters.Values.ToFloatArray(), value => Assert.Equal(7, value));
    }

    protected override void Release() => _folder.Dispose();

    private static FlatEntry[] Entries(long count) => [new FlatEntry("a", [count])];

    private static void Fill(Tensor buffer, Generator random)
    {
        using var grad = no_grad();
        buffer.normal_(0, 1, random);
    }

    private FlatParameters InFiles(long count) => new(Entries(count), CPU, newFile: NewFile);

    private string NewFile() => _folder.File($"state{++_files}");

    private long[] Sizes() => [.. Directory.GetFiles(_folder.Root).Select(path => new FileInfo(path).Length).Order()];

    // Of all mappings of the test's files.
    private long ResidentBytes()
    {
        long bytes = 0;
        bool own = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            if (line.Contains('-', StringComparison.Ordinal) && line.Contains(':', StringComparison.Ordinal) && !line.EndsWith(" kB", StringComparison.Ordinal)) own = line.Contains(_folder.Root, StringComparison.Ordinal);
            else if (own && line.StartsWith("Rss:", StringComparison.Ordinal)) bytes += 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        return bytes;
    }
}

using Studio.Core.Data;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Execution.Placement;

/// <summary>How blocks are shared among devices.</summary>
public sealed class PlacementPlanTests : TensorTest
{
    [Theory]
    [InlineData(new long[] { 10, 10, 10, 10 }, new long[] { 100, 100 }, new[] { 2, 4 })]
    [InlineData(new long[] { 10, 10, 10, 10, 10 }, new long[] { 100, 60 }, new[] { 3, 5 })]     // 30 % and 33 %, not 40 % and 17 %
    [InlineData(new long[] { 50, 10, 10, 10, 10 }, new long[] { 100, 100, 100 }, new[] { 1, 3, 5 })] // the first is full with one block: the others share alike
    [InlineData(new long[] { 10, 10, 45 }, new long[] { 25, 25, 50 }, new[] { 1, 2, 3 })]
    [InlineData(new long[] { 7, 7, 7, 7, 7, 7, 7 }, new long[] { 1000, 1000, 1500 }, new[] { 2, 4, 7 })]
    [InlineData(new long[] { 10, 10 }, new long[] { 0, 30 }, new[] { 0, 2 })]
    [InlineData(new long[] { 10 }, new long[] { 100, 100 }, new[] { 1, 1 })]
    [InlineData(new long[] { 10, 10 }, new long[] { 10, 10 }, new[] { 1, 2 })]                // to the last byte
    public void Split_LeavesEveryDeviceAsEmptyAsCanBe(long[] blocks, long[] rooms, int[] ends) => Assert.Equal(ends, PlacementPlan.Split(blocks, rooms));

    [Theory]
    [InlineData(new long[] { 10, 10 }, new long[] { 19 })]
    [InlineData(new long[] { 10, 10 }, new long[] { 9, 9, 9 })]
    [InlineData(new long[] { 10, 30, 10 }, new long[] { 25, 25, 25 })]
    [InlineData(new long[] { 10, 30 }, new long[] { 30, 10 })] // in the other order they would fit
    [InlineData(new long[] { 10 }, new long[] { -5, 0 })]
    public void Split_NoRoom_IsNone(long[] blocks, long[] rooms) => Assert.Null(PlacementPlan.Split(blocks, rooms));

    [Fact]
    public void Split_RandomSizes_IsAsGoodAsTheBestOfAllSplits()
    {
        var random = new RandomSource(9);
        for (int round = 0; round < 200; round++)
        {
            long[] blocks = [.. Enumerable.Range(0, 1 + random.Next(7)).Select(_ => 1L + random.Next(100))];
            long[] rooms = [.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => (long)random.Next(300))];
            double best = Fullest(blocks, rooms, 0, 0);
            if (PlacementPlan.Split(blocks, rooms) is not { } ends)
            {
                Assert.True(best > 1, $"[{string.Join(", ", blocks)}] fits into [{string.Join(", ", rooms)}]");
                continue;
            }
            Assert.Equal(blocks.Length, ends[^1]);
            double found = 0;
            for (int i = 0, first = 0; i < ends.Length; first = ends[i++])
                if (ends[i] > first) found = Math.Max(found, (double)blocks[first..ends[i]].Sum() / rooms[i]);
            Assert.Equal(best, found, 1e-12);
        }
    }

    [Theory]
    [InlineData("llama", false)]
    [InlineData("smollm3", true)]
    [InlineData("mixtral", false)]
    [InlineData("qwen2_moe", false)]
    [InlineData("gpt_oss", false)]
    [InlineData("opt_350m_style", true)]
    [InlineData("codegen", false)]
    public void For_TwoDevices_CountsTheBytesThatAreLoadedThere(string name, bool tied)
    {
        using var checkpoint = Checkpoint.Open(FixtureFolder.Model(name));
        var config = checkpoint.Config;
        long[] bytes = PlacementPlan.BytesOfBlocks(config, ScalarType.Float32);
        var plan = StandIns.Plan(config, 2);
        var (first, last) = (plan.Shards[0].Layers, plan.Shards[1].Layers);
        Assert.Equal(tied, config.TiedHead);
        Assert.Equal((true, tied, false, !tied), (first.Embedding, first.Head, last.Embedding, last.Head));
        using var reader = new WeightReader(checkpoint, ScalarType.Float32, CPU);
        foreach (var part in new[] { first, last })
        {
            using var layers = FrozenLayers.Load(reader, part);
            Assert.Equal(bytes.AsSpan(part.FirstBlock, part.Blocks).ToArray().Sum(), layers.Bytes);
        }
        using var whole = FrozenLayers.Load(reader);
        Assert.Equal(bytes.Sum(), whole.Bytes);
    }

    [Fact]
    public void For_TooLittleRoom_NamesSizesAndDevices()
    {
        using var checkpoint = Checkpoint.Open(FixtureFolder.Model("llama"));
        long[] bytes = PlacementPlan.BytesOfBlocks(checkpoint.Config, ScalarType.Float32);
        var rooms = new[] { new DeviceRoom(new Device(DeviceType.CUDA, 0), 60_000), new DeviceRoom(new Device(DeviceType.CUDA, 1), -7) };
        string message = Assert.Throws<ArgumentException>(() => PlacementPlan.For(checkpoint.Config, ScalarType.Float32, rooms)).Message;
        Assert.Equal(FormattableString.Invariant($"The base takes {bytes.Sum() / 1e6:0.##} MB in Float32, its largest block with what goes with it {bytes.Max() / 1e6:0.##} MB. ")
            + "Its blocks do not fit, in order, into the free memory of cuda:0 (0.06 MB), cuda:1 (0 MB).", message);
        Assert.Contains("no devices", Assert.Throws<ArgumentException>(() => PlacementPlan.For(checkpoint.Config, ScalarType.Float32, [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_ByHandThatIsNoWholeBase_IsRefused()
    {
        AssertRefused("no parts");
        AssertRefused("does not go on at block 2", new LayerRange(0, 1, Embedding: true), new LayerRange(3, 4, Head: true));
        AssertRefused("does not go on at block 2", new LayerRange(0, 1, Embedding: true), new LayerRange(1, 4, Head: true));
        AssertRefused("does not go on at block 0", new LayerRange(0, -1, Embedding: true, Head: true));
        AssertRefused("The embedding is in 0 parts", new LayerRange(0, 1, Head: true));
        AssertRefused("The head is in 2 parts", new LayerRange(0, 1, Embedding: true, Head: true), new LayerRange(2, 2, Head: true));

        static void AssertRefused(string reason, params LayerRange[] ranges) => Assert.Contains(reason,
            Assert.Throws<ArgumentException>(() => new PlacementPlan([.. ranges.Select(range => new ShardPlacement(CPU, range))])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_PlanForAnotherModel_IsRefused()
    {
        var plan = new PlacementPlan([new ShardPlacement(CPU, new LayerRange(0, 7, Embedding: true, Head: true))]);
        string message = Assert.Throws<ArgumentException>(() => BaseModel.Load("m", FixtureFolder.Model("llama"), plan)).Message;
        Assert.StartsWith("The plan places 8 blocks; ", message, StringComparison.Ordinal);
        Assert.EndsWith(" has 3.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void PlanFor_Settings_SayWhereBaseAndClientsAre()
    {
        using var checkpoint = Checkpoint.Open(FixtureFolder.Model("llama"));
        Assert.Equal("cpu", DevicePlacement.Parse("cpu", "auto").PlanFor(checkpoint).ToString());
        Assert.Equal("cpu", DevicePlacement.Parse("cpu", "cpu").PlanFor(checkpoint).ToString());
        // Host memory has room for a model of half a megabyte, whatever number it goes by.
        var plan = new DevicePlacement([StandIns.Device(1), StandIns.Device(2)], CPU).PlanFor(checkpoint);
        Assert.Equal("cpu:1, cpu:2 (clients on cpu)", plan.ToString());
        Assert.Throws<ArgumentException>(() => DevicePlacement.Parse("cpu", "cpu,cpu"));
    }

    // The least fullness of the fullest device over every way to split, tried one by one.
    private static double Fullest(long[] blocks, long[] rooms, int device, int from)
    {
        if (from == blocks.Length) return 0;
        if (device == rooms.Length) return double.PositiveInfinity;
        double best = Fullest(blocks, rooms, device + 1, from);
        for (int to = from + 1; to <= blocks.Length; to++)
        {
            long sum = blocks[from..to].Sum();
            if (sum > rooms[device]) break;
            best = Math.Min(best, Math.Max((double)sum / rooms[device], Fullest(blocks, rooms, device + 1, to)));
        }
        return best;
    }
}

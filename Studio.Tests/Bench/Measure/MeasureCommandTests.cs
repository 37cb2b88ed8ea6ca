using System.Text.Json;

namespace Studio.Tests.Bench.Measure;

/// <summary>Measurements from the command line to their JSON lines, on the starter model. How long something takes is nobody's promise: what is there and adds up is.</summary>
public sealed class MeasureCommandTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Train_SharedAndDedicated_HaveSpeedAndMemory(bool mapped)
    {
        var rows = await BenchCommand.MeasureAsync("train", ["--adapters", "2", "--dedicated", "1", "--tokens", "8", "--steps", "1", "--rounds", "1", .. (mapped ? (string[])["--dedicated-mapped"] : [])]);
        Assert.Equal(["one run", "2 together", "2 in turn", mapped ? "1 processes, base mapped" : "1 processes, own copies"], rows.Select(row => row.GetProperty("variant").GetString()));
        Assert.All(rows, row => Assert.True(Number(row, "tokens/s") > 0 && Number(row, "to GEMM peak") > 0));
        Assert.Equal(JsonValueKind.Null, rows[0].GetProperty("total MB").ValueKind);
        Assert.All(rows.Skip(1).Zip([2, 2, 1]), pair =>
        {
            Assert.InRange(Number(pair.First, "total MB"), 30, 3000);
            Assert.Equal(Number(pair.First, "total MB"), Number(pair.First, "MB a run") * pair.Second, 1e-6);
            Assert.Equal(Number(pair.First, "total MB"), Number(pair.First, "PSS MB a process"), 1e-6);
        });
    }

    [Fact]
    public async Task Train_NoDedicated_LeavesThemOut() =>
        Assert.Equal(3, (await BenchCommand.MeasureAsync("train", "--adapters", "1", "--dedicated", "0", "--tokens", "8", "--steps", "1", "--rounds", "1")).Count);

    [Fact]
    public async Task Capacity_LimitOfAFewProcesses_EndsThemAndNotTheSharedBase()
    {
        // A process takes 90 MB at least, whatever the model; a run on the shared base takes some.
        var rows = await BenchCommand.MeasureAsync("capacity", "--limit-gib", "0.35", "--curve", "8", "--steps", "2", "--most", "6");
        Assert.Equal(["shared base, one process", "a process each, own copy of the base", "a process each, base mapped"], rows.Select(row => row.GetProperty("variant").GetString()));
        Assert.Equal(["--most", "limit", "limit"], rows.Select(row => row.GetProperty("ended by").GetString()));
        Assert.Equal(6, Number(rows[0], "fine-tunes"));
        Assert.All(rows.Skip(1), row =>
        {
            Assert.InRange(Number(row, "fine-tunes"), 1, 5);
            Assert.Equal(6 / Number(row, "fine-tunes"), Number(row, "shared to this"), 1e-9);
        });
        Assert.All(rows, row => Assert.Contains(row.GetProperty("limit kept by").GetString(), (string[])["watchdog", "cgroup"]));
    }

    [Fact]
    public async Task Capacity_LimitBelowOneProcess_FitsNone()
    {
        var rows = await BenchCommand.MeasureAsync("capacity", "--limit-gib", "0.03", "--tokens", "8");
        Assert.All(rows, row => Assert.Equal((0, "limit", JsonValueKind.Null), (Number(row, "fine-tunes"), row.GetProperty("ended by").GetString(), row.GetProperty("shared to this").ValueKind)));
    }

    [Fact]
    public async Task Registered_TwoNumbers_PeakIsWeightsStatesAndRest()
    {
        var rows = await BenchCommand.MeasureAsync("capacity", "--registered", "2,4", "--tokens", "8", "--steps", "2");
        Assert.Equal([2, 4], rows.Select(row => Number(row, "registered runs")));
        Assert.Equal(2 * Number(rows[0], "runs x 12 B x trainable MB"), Number(rows[1], "runs x 12 B x trainable MB"), 1e-9);
        Assert.Equal(1, Number(rows[0], "to the first"));
        Assert.All(rows, row =>
        {
            double states = Number(row, "runs x 12 B x trainable MB");
            Assert.True(states > 0);
            Assert.Equal(Number(row, "peak PSS MB"), Number(row, "weights MB") + states + Number(row, "rest of PSS MB"), 1e-6);
            Assert.Equal(Number(row, "peak private MB"), states + Number(row, "rest of private MB"), 1e-6);
        });
    }

    [Fact]
    public async Task Optimizer_BothWays_GoTheSameWay()
    {
        var rows = await BenchCommand.MeasureAsync("optimizer", "--steps", "3", "--rounds", "2");
        Assert.Equal(["AdamW, flat", "AdamW, tensor by tensor", "clip, flat", "clip, tensor by tensor"], rows.Select(row => row.GetProperty("variant").GetString()));
        Assert.All(rows, row => Assert.True(Number(row, "ms a step") > 0 && Number(row, "GB/s") > 0 && Number(row, "to bandwidth") > 0));
        Assert.All(rows, row => Assert.InRange(Number(row, "values apart"), 0, 1e-6));
        Assert.All(rows.Where((_, i) => i % 2 == 1), row => Assert.Equal(1, Number(row, "to tensor by tensor")));
    }

    [Fact]
    public async Task Load_MappedAndConverted_ColdAndWarm()
    {
        var rows = await BenchCommand.MeasureAsync("load", "--prompt", "4", "--rounds", "1");
        Assert.Equal(["BFloat16, mapped", "BFloat16, mapped", "Float32, converted", "Float32, converted"], rows.Select(row => row.GetProperty("computes in").GetString()));
        Assert.All(rows, row => Assert.InRange(Number(row, "load s"), 0, Number(row, "first token s")));
        Assert.All(rows, row => Assert.Contains(row.GetProperty("page cache").GetString(), (string[])["cold", "warm"]));
        Assert.All(rows.Where((_, i) => i % 2 == 1), row => Assert.Equal("warm", row.GetProperty("page cache").GetString()));
        Assert.Equal(2 * Number(rows[0], "weights MB"), Number(rows[2], "weights MB"), 1e-6);
        Assert.All(rows, row => Assert.Equal(Number(row, "peak MB") / Number(row, "weights MB"), Number(row, "peak to weights"), 1e-6));
    }

    [Theory]
    [InlineData("--curve is '8,x'; expected numbers from 1 on", "--curve", "8,x")]
    [InlineData("--registered is '0'; expected numbers from 1 on", "--registered", "0")]
    [InlineData("--limit-gib is -1; expected more than 0", "--limit-gib", "-1")]
    [InlineData("--steps is 0; expected 1 or more", "--steps", "0")]
    public async Task Capacity_UnusableOption_IsRefusedByName(string message, params string[] options)
    {
        var command = await BenchCommand.RunAsync(["bench", "capacity", .. options]);
        Assert.Equal(1, command.ExitCode);
        Assert.Contains(message, command.Errors, StringComparison.Ordinal);
    }

    private static double Number(JsonElement row, string figure) => row.GetProperty(figure).GetDouble();
}

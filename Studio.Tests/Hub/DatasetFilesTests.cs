using System.Text.Json;
using Parquet;
using Parquet.Data;
using Parquet.Schema;
using Studio.Core.Hub;
using Studio.Tests.Storage;

namespace Studio.Tests.Hub;

/// <summary>Which files are a split, and what becomes of them.</summary>
public sealed class DatasetFilesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "a.jsonl,b.jsonl,README.md,dataset_infos.json", "a.jsonl,b.jsonl")]
    [InlineData("train", "data/train-00000-of-00002.parquet,data/train-00001-of-00002.parquet,data/test-00000-of-00001.parquet", "data/train-00000-of-00002.parquet,data/train-00001-of-00002.parquet")]
    [InlineData("validation", "train.jsonl,dev.jsonl,my_eval.jsonl", "dev.jsonl")]
    [InlineData("test", "train.jsonl,dev.jsonl,my_eval.jsonl", "my_eval.jsonl")]
    [InlineData("train", "training/x.json,test/x.json", "training/x.json")]
    [InlineData("", "constrain.jsonl", "constrain.jsonl")]
    [InlineData("test", "train.jsonl,test.json", "test.json")]
    [InlineData("train", "train-1.parquet,train-2.parquet,train.jsonl", "train-1.parquet,train-2.parquet")]
    public void Select_WithoutConfigs_GoesByTheWordsInNames(string split, string files, string wanted) =>
        Assert.Equal(wanted.Split(','), DatasetFiles.Select(Info("{}", files.Split(',')), null, split).Select(file => file.Name));

    [Theory]
    [InlineData(null, "train", "en/a.jsonl")]
    [InlineData("de", "train", "de/a.jsonl,de/deep/b.jsonl")]
    [InlineData("de", "held", "other/c.jsonl")]
    public void Select_WithConfigs_GoesByThem(string? subset, string split, string wanted)
    {
        const string Card = """
            {"configs":[
              {"config_name":"de","data_files":[{"split":"train","path":["de/**/*.jsonl"]},{"split":"held","path":"other/[bc].jsonl"}]},
              {"config_name":"en","default":true,"data_files":"en/*.jsonl"}]}
            """;
        var info = Info(Card, "de/a.jsonl", "de/deep/b.jsonl", "en/a.jsonl", "en/deep/no.jsonl", "other/c.jsonl", "other/d.jsonl");
        Assert.Equal(wanted.Split(','), DatasetFiles.Select(info, subset, split).Select(file => file.Name));
    }

    [Theory]
    [InlineData(null, "dev", "it has no split 'dev'; there are train", "train.jsonl")]
    [InlineData(null, "", "its data are of another kind (data.csv)", "data.csv")]
    [InlineData(null, "", "it has no data files", "README.md")]
    [InlineData("x", "", "no data files of a subset 'x'", "train.jsonl")]
    public void Select_NothingThere_SaysWhatThereIs(string? subset, string split, string message, params string[] files) =>
        Assert.Contains(message, Assert.Throws<HubException>(() => DatasetFiles.Select(Info("{}", files), subset, split)).Message, StringComparison.Ordinal);

    [Fact]
    public void Select_ConfigsThatDoNotFit_AreNamed()
    {
        const string Card = """{"configs":[{"config_name":"a","data_files":"a.csv"},{"config_name":"b","data_files":"b.jsonl"}]}""";
        var info = Info(Card, "a.csv", "b.jsonl");
        Assert.Contains("several subsets and no default; there are a, b", Refusal(null), StringComparison.Ordinal);
        Assert.Contains("no subset 'c'; there are a, b", Refusal("c"), StringComparison.Ordinal);
        Assert.Contains("has the file 'a.csv'; the studio reads JSON Lines", Refusal("a"), StringComparison.Ordinal);
        string Refusal(string? subset) => Assert.Throws<HubException>(() => DatasetFiles.Select(info, subset, "")).Message;
    }

    [Fact]
    public void Select_TooLarge_IsRefusedWithBothSizes()
    {
        var info = Info("{}") with { Files = [new HubFile("train.jsonl", DatasetFiles.LargestSplit + (1 << 20), null, new string('a', 40))] };
        Assert.Contains("513 MiB; expected at most 512 MiB", Assert.Throws<HubException>(() => DatasetFiles.Select(info, null, "")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WriteAsync_LinesAndLists_BecomeLines()
    {
        using var folder = new TestDirectory();
        await File.WriteAllTextAsync(folder.File("a.jsonl"), "{\"a\":1}\n{\"a\":2}", Ct);
        await File.WriteAllTextAsync(folder.File("b.json"), "\uFEFF \n[{\"a\": 3,\n \"b\": [1]},\n{\"a\":\"ü\"}]", Ct);
        await File.WriteAllTextAsync(folder.File("c.json"), "{\"a\":5}\n{broken\n", Ct);

        await DatasetRows.WriteAsync([folder.File("a.jsonl"), folder.File("b.json"), folder.File("c.json")], folder.File("out"), Ct);

        var lines = (await File.ReadAllLinesAsync(folder.File("out"), Ct)).Where(line => line.Length > 0).ToList();
        Assert.Equal(["1", "2", "3", "ü", "5"], lines.Where(line => line != "{broken").Select(line => JsonDocument.Parse(line).RootElement.GetProperty("a").ToString()));
        Assert.Contains("{broken", lines);
        await File.WriteAllTextAsync(folder.File("d.json"), "[{\"a\":1},", Ct);
        Assert.Contains("'d.json' is not a JSON list", (await Assert.ThrowsAsync<HubException>(() => DatasetRows.WriteAsync([folder.File("d.json")], folder.File("out"), Ct))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WriteAsync_Parquet_KeepsTextsNumbersAndNestedMessages()
    {
        using var folder = new TestDirectory();
        var role = new DataField<string>("role");
        var content = new DataField<string>("content");
        var score = new DataField<double?>("score");
        var messages = new ListField("messages", new StructField("element", role, content));
        var schema = new ParquetSchema(score, messages);
        var rows = new List<IDictionary<string, object?>>
        {
            new Dictionary<string, object?> { ["score"] = 0.5, ["messages"] = new List<IDictionary<string, object?>> { Message("user", "Hello"), Message("assistant", "Ahoy \"there\"") } },
            new Dictionary<string, object?> { ["score"] = null, ["messages"] = new List<IDictionary<string, object?>> { Message("user", "ü") } },
        };
        await using (var file = File.Create(folder.File("train.parquet"))) await Parquet.Serialization.ParquetSerializer.SerializeUntypedAsync(rows, schema, file, cancellationToken: Ct);

        await DatasetRows.WriteAsync([folder.File("train.parquet")], folder.File("out"), Ct);

        string[] lines = await File.ReadAllLinesAsync(folder.File("out"), Ct);
        var first = JsonDocument.Parse(lines[0]).RootElement;
        Assert.Equal(2, lines.Length);
        Assert.Equal(0.5, first.GetProperty("score").GetDouble());
        Assert.Equal("assistant", first.GetProperty("messages")[1].GetProperty("role").GetString());
        Assert.Equal("Ahoy \"there\"", first.GetProperty("messages")[1].GetProperty("content").GetString());
        var second = JsonDocument.Parse(lines[1]).RootElement;
        // An absent member is what null is to the import.
        Assert.False(second.TryGetProperty("score", out _));
        Assert.Equal(1, second.GetProperty("messages").GetArrayLength());

        byte[] damaged = await File.ReadAllBytesAsync(folder.File("train.parquet"), Ct);
        await File.WriteAllBytesAsync(folder.File("train.parquet"), damaged[..(damaged.Length / 2)], Ct);
        Assert.Contains("'train.parquet' cannot be read as Parquet", (await Assert.ThrowsAsync<HubException>(() => DatasetRows.WriteAsync([folder.File("train.parquet")], folder.File("out"), Ct))).Message, StringComparison.Ordinal);

        static Dictionary<string, object?> Message(string role, string content) => new() { ["role"] = role, ["content"] = content };
    }

    private static HubRepoInfo Info(string card, params string[] files) => new(HubRepo.Parse(HubRepoKind.Dataset, "a/b", TestHub.Commit),
        [.. files.Select(name => new HubFile(name, 10, null, new string('a', 40)))], null, JsonDocument.Parse(card).RootElement);
}

using System.Text;
using Studio.Core.Data;
using Studio.Core.Text;

namespace Studio.Tests.Data;

public sealed class DatasetImportTests
{
    private const string Good = """{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}""";
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Good, DatasetFormat.Messages, "user:q|assistant:a")]
    [InlineData("""{"messages":[{"role":"system","content":"s"},{"role":"user","content":"q"},{"role":"assistant","content":"a"}],"id":7}""", DatasetFormat.Messages, "system:s|user:q|assistant:a")]
    [InlineData("""{"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"a"}],"system":"s"}""", DatasetFormat.ShareGpt, "system:s|user:q|assistant:a")]
    [InlineData("""{"prompt":"q","completion":"a"}""", DatasetFormat.PromptCompletion, "user:q|assistant:a")]
    [InlineData("""{"instruction":"do","input":"this","output":"a"}""", DatasetFormat.Instruction, "user:do\n\nthis|assistant:a")]
    [InlineData("""{"instruction":"do","input":"","output":"a"}""", DatasetFormat.Instruction, "user:do|assistant:a")]
    [InlineData("""{"instruction":"do","input":null,"output":"a"}""", DatasetFormat.Instruction, "user:do|assistant:a")]
    public async Task ReadAsync_KnownLayout_IsNormalised(string line, DatasetFormat format, string expected)
    {
        var dataset = await Read(line);
        Assert.Equal(format, dataset.Format);
        Assert.Empty(dataset.Errors);
        Assert.Equal(expected, string.Join('|', Assert.Single(dataset.Rows).Messages.Select(message => $"{message.Role}:{message.Content}")));
    }

    [Fact]
    public async Task ReadAsync_TextColumn_GivesRawTexts()
    {
        var dataset = await Read("""{"text":"once upon"}""");
        Assert.Equal((DatasetFormat.Text, "once upon", 0), (dataset.Format, dataset.Rows[0].Text, dataset.Rows[0].Messages.Count));
    }

    [Fact]
    public async Task ReadAsync_MarkCrLfAndEmptyLines_KeepLineNumbers()
    {
        var dataset = await Read($"\uFEFF{Good}\r\n\r\n   \n{Good}\r\nbroken\r\n{Good}");
        Assert.Equal([1, 4, 6], dataset.Rows.Select(row => row.Line));
        Assert.Equal(5, Assert.Single(dataset.Errors).Line);
    }

    [Theory]
    [InlineData("{\"messages\":", "", "not valid JSON")]
    [InlineData("[1]", "", "found a JSON list")]
    [InlineData("\"x\"", "", "found a JSON string")]
    [InlineData("{}", "messages", "missing")]
    [InlineData("""{"messages":"x"}""", "messages", "found a JSON string, wanted a list")]
    [InlineData("""{"messages":[]}""", "messages", "empty list")]
    [InlineData("""{"messages":[5]}""", "messages[0]", "found a JSON number")]
    [InlineData("""{"messages":[{"role":"user","content":"q"}]}""", "messages", "no turn of the assistant")]
    [InlineData("""{"messages":[{"role":"critic","content":"q"}]}""", "messages[0].role", "\"critic\"")]
    [InlineData("""{"messages":[{"content":"q"}]}""", "messages[0].role", "missing")]
    [InlineData("""{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"  "}]}""", "messages[1].content", "empty text")]
    [InlineData("""{"messages":[{"role":"user","content":null},{"role":"assistant","content":"a"}]}""", "messages[0].content", "missing or null")]
    [InlineData("""{"messages":[{"role":"user","content":["q"]},{"role":"assistant","content":"a"}]}""", "messages[0].content", "found a JSON list, wanted a string")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\"},{\"role\":\"assistant\",\"content\":\"a\"}]}", "messages[0].content", "surrogate")]
    public async Task ReadAsync_BadRow_IsReportedWithLineAndColumn(string line, string column, string message)
    {
        var dataset = await Read($"{Good}\n{line}\n{Good}");
        var error = Assert.Single(dataset.Errors);
        Assert.Equal((2, column), (error.Line, error.Column));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal(2, dataset.Rows.Count);
    }

    [Fact]
    public async Task ReadAsync_ManyErrors_KeepsTheFirstAndCountsAll()
    {
        var text = Good + string.Concat(Enumerable.Repeat("\n{", 500));
        var dataset = await DatasetImport.ReadAsync(Stream(text), new ImportLimits { KeptErrors = 3 }, Cancellation);
        Assert.Equal([2, 3, 4], dataset.Errors.Select(error => error.Line));
        Assert.Equal(500, dataset.ErrorCount);
    }

    [Fact]
    public async Task ReadAsync_InvalidUtf8_IsAnErrorOfItsLine()
    {
        var bytes = Encoding.UTF8.GetBytes($"{Good}\n{Good}\n{Good}");
        bytes[Good.Length + 1 + Good.IndexOf("\"q\"", StringComparison.Ordinal) + 1] = 0xFF;
        var dataset = await DatasetImport.ReadAsync(new MemoryStream(bytes), null, Cancellation);
        Assert.Equal(new RowError(2, "", "not valid UTF-8"), Assert.Single(dataset.Errors));
        Assert.Equal(2, dataset.Rows.Count);
    }

    [Fact]
    public async Task ReadAsync_HugeLine_IsReadOverWithoutBeingHeld()
    {
        // 64 MB in one line, bound 1000 bytes: the stream makes its bytes up as they are read.
        var dataset = await DatasetImport.ReadAsync(new TestHugeLineStream($"{Good}\n", 64 << 20, $"\n{Good}"), new ImportLimits { LineBytes = 1000 }, Cancellation);
        var error = Assert.Single(dataset.Errors);
        Assert.Equal(2, error.Line);
        Assert.Contains("longer than 1000 bytes", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 3], dataset.Rows.Select(row => row.Line));
    }

    [Fact]
    public async Task ReadAsync_DeeplyNestedLine_IsAnErrorOfItsLine()
    {
        var dataset = await Read($"{Good}\n{string.Concat(Enumerable.Repeat("{\"messages\":[", 100_000))}");
        Assert.Equal(2, Assert.Single(dataset.Errors).Line);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("\r\n \n", "empty")]
    [InlineData("PK\u0003\u0004\0\0", "binary")]
    [InlineData("name,age\nx,3\n", "line 1: not valid JSON")]
    [InlineData("{\"foo\":1}", "found the columns [foo]")]
    [InlineData("[\n{\"text\":\"x\"},\n]", "line 1: not valid JSON")]
    public async Task ReadAsync_UnusableFile_IsRefusedWithTheReason(string text, string expected)
    {
        var error = await Assert.ThrowsAsync<UnusableDatasetException>(() => Read(text));
        Assert.Contains(expected, error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task ReadAsync_Utf16_IsRefusedByName()
    {
        var bytes = Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(Good)).ToArray();
        var error = await Assert.ThrowsAsync<UnusableDatasetException>(() => DatasetImport.ReadAsync(new MemoryStream(bytes), null, Cancellation));
        Assert.Contains("UTF-16", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_StreamInSingleBytes_ReadsTheSame()
    {
        var text = $"\uFEFF{Good}\n{{\n{Good.Replace("q", "日本 😀", StringComparison.Ordinal)}";
        var whole = await Read(text);
        var bytewise = await DatasetImport.ReadAsync(new TestSlowStream(Encoding.UTF8.GetBytes(text)), null, Cancellation);
        Assert.Equal(whole.Errors, bytewise.Errors);
        Assert.Equal(whole.Rows.SelectMany(row => row.Messages), bytewise.Rows.SelectMany(row => row.Messages));
        Assert.Equal(new ChatMessage("user", "日本 😀"), bytewise.Rows[1].Messages[0]);
    }

    private static Task<ImportedDataset> Read(string text) => DatasetImport.ReadAsync(Stream(text), null, Cancellation);

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));

    private sealed class TestSlowStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);
    }

    private sealed class TestHugeLineStream(string before, int count, string after) : MemoryStream
    {
        private readonly byte[] _before = Encoding.UTF8.GetBytes(before);
        private readonly byte[] _after = Encoding.UTF8.GetBytes(after);
        private long _at;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var total = _before.Length + (long)count + _after.Length;
            var length = (int)Math.Min(buffer.Length, total - _at);
            for (var i = 0; i < length; i++, _at++)
                buffer.Span[i] = _at < _before.Length ? _before[_at] : _at < _before.Length + count ? (byte)'x' : _after[_at - _before.Length - count];
            return ValueTask.FromResult(length);
        }
    }
}

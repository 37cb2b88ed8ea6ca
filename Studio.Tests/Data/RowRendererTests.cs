using Studio.Core.Data;
using Studio.Core.Text;
using Studio.Tests.Text;

namespace Studio.Tests.Data;

public sealed class RowRendererTests
{
    private static readonly TextTokenizer Tokenizer = TokenizerFixtures.Load("smollm");
    private static readonly RowRenderer Renderer = new(new ChatEncoder(Tokenizer, ChatTemplate.For(Tokenizer)));
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public void Preview_Row_ShowsTheRenderedTextWithTheAnswerTrained()
    {
        var pieces = Renderer.Preview(Row("Wie geht's?", "Gut 😀 naïve"));
        Assert.Equal("<|im_start|>user\nWie geht's?<|im_end|>\n<|im_start|>assistant\nGut 😀 naïve<|im_end|>\n", string.Concat(pieces.Select(piece => piece.Text)));
        Assert.Equal("Gut 😀 naïve<|im_end|>", string.Concat(pieces.Where(piece => piece.Trained).Select(piece => piece.Text)));
        Assert.All(pieces, piece => Assert.DoesNotContain('\uFFFD', piece.Text));
    }

    [Fact]
    public void Render_LongRow_IsCutAtItsEnd()
    {
        var row = Row("q", string.Concat(Enumerable.Repeat("word ", 100)));
        var whole = Renderer.Encode(row);
        var rendered = Renderer.Render([row], 32, Cancellation);
        Assert.Equal((1, 0), (rendered.Truncated, rendered.Dropped));
        Assert.Equal(whole.Ids.Take(32), rendered.Samples[0].Ids);
        Assert.Equal(whole.Trained.Take(32), rendered.Samples[0].Trained);
    }

    [Fact]
    public void Render_QuestionFillsTheLength_DropsTheRow()
    {
        var rendered = Renderer.Render([Row(string.Concat(Enumerable.Repeat("word ", 100)), "a"), Row("q", "a")], 32, Cancellation);
        Assert.Equal((1, 1, 0), (rendered.Samples.Count, rendered.Dropped, rendered.Truncated));
    }

    [Fact]
    public void Render_RawText_LearnsEveryTokenAndTheEnd()
    {
        var sample = Assert.Single(Renderer.Render([DatasetRow.Plain(1, "once upon a time")], 100, Cancellation).Samples);
        Assert.Equal(sample.Length - 1, sample.TrainedTokens);
        Assert.Equal(Tokenizer.EosId, sample.Ids[^1]);
    }

    [Fact]
    public void Render_WordOfOneMegabyte_Ends()
    {
        var sample = Assert.Single(Renderer.Render([Row("q", new string('z', 1_000_000))], 64, Cancellation).Samples);
        Assert.Equal(64, sample.Length);
    }

    [Fact]
    public void Measure_KnownRows_GivesTheirFigures()
    {
        DatasetRow[] rows = [.. Enumerable.Range(1, 20).Select(i => Row("q", string.Concat(Enumerable.Repeat("z", i)))), DatasetRow.Plain(21, "zz")];
        var lengths = rows.Select(row => Renderer.Encode(row).Ids.Length).Order().ToArray();
        var statistics = DatasetStatistics.Measure(rows, Renderer, lengths[15], Cancellation);
        Assert.Equal(new DatasetStatistics
        {
            Rows = 21, Turns = 41, Tokens = lengths.Sum(), TrainedTokens = rows.Sum(row => Renderer.Preview(row).Skip(1).Count(piece => piece.Trained)),
            MinTokens = lengths[0], MedianTokens = lengths[10], P95Tokens = lengths[19], MaxTokens = lengths[20],
            LongerThanContext = lengths.Count(length => length > lengths[15]),
        }, statistics);
    }

    [Fact]
    public void Measure_NoRows_IsAllZero()
    {
        var statistics = DatasetStatistics.Measure([], Renderer, 10, Cancellation);
        Assert.Equal((0, 0L, 0, 0), (statistics.Rows, statistics.Tokens, statistics.MedianTokens, statistics.MaxTokens));
    }

    private static DatasetRow Row(string question, string answer) =>
        DatasetRow.Conversation(1, [new ChatMessage("user", question), new ChatMessage("assistant", answer)]);
}

using Studio.Core.Data;
using Studio.Core.Generation;
using Studio.Core.Models;
using Studio.Tests.Support;

namespace Studio.Tests.Generation;

/// <summary>Stop texts in the filter alone, and in a session whose tokens are dictated.</summary>
public sealed class StopTextTests : TensorTest
{
    [Fact]
    public void Push_StopTextOverSeveralPieces_IsCutAndNothingFollows()
    {
        var filter = new StopTextFilter(["STOP"]);
        Assert.Equal("one ", filter.Push("one S"));
        Assert.Equal("", filter.Push("TO"));
        Assert.Equal("", filter.Push("P two"));
        Assert.True(filter.Stopped);
        Assert.Equal("", filter.Push("three"));
        Assert.Equal("", filter.Flush());
    }

    [Fact]
    public void Push_BeginOfAStopTextThatGoesOnOtherwise_ComesLater()
    {
        var filter = new StopTextFilter(["STOP"]);
        Assert.Equal("", filter.Push("STO"));
        Assert.Equal("STOn", filter.Push("n"));
        Assert.Equal("aS", filter.Push("aSST"));
        Assert.Equal("STx", filter.Push("x"));
    }

    [Fact]
    public void Flush_BeginOfAStopTextAtTheEnd_IsPartOfTheAnswer()
    {
        var filter = new StopTextFilter(["STOP"]);
        Assert.Equal("the ", filter.Push("the ST"));
        Assert.Equal("ST", filter.Flush());
        Assert.False(filter.Stopped);
    }

    [Fact]
    public void Push_SeveralStopTexts_TheFirstCompleteOneWins()
    {
        var filter = new StopTextFilter(["second", "first"]);
        Assert.Equal("a ", filter.Push("a first b second"));
        Assert.True(filter.Stopped);
        // In one piece or in many, the text is cut at the same place.
        Assert.Equal("a", new StopTextFilter(["abab", "b"]).Push("abab"));
    }

    [Fact]
    public void Push_RandomTextsInRandomPieces_EqualsCuttingTheWhole()
    {
        var random = new RandomSource(4);
        for (int round = 0; round < 2000; round++)
        {
            string text = new([.. Enumerable.Range(0, random.Next(12)).Select(_ => (char)('a' + random.Next(2)))]);
            string[] stops = [.. Enumerable.Range(0, 1 + random.Next(2)).Select(_ => new string([.. Enumerable.Range(0, 1 + random.Next(4)).Select(_ => (char)('a' + random.Next(2)))]))];
            int cut = stops.Select(stop => (At: text.IndexOf(stop, StringComparison.Ordinal), stop.Length)).Where(found => found.At >= 0)
                .OrderBy(found => found.At + found.Length).ThenBy(found => found.At).Select(found => found.At).FirstOrDefault(text.Length);
            bool stopped = stops.Any(stop => text.Contains(stop, StringComparison.Ordinal));
            var filter = new StopTextFilter(stops);
            string shown = "";
            for (int at = 0; at < text.Length;)
            {
                int count = Math.Min(1 + random.Next(3), text.Length - at);
                shown += filter.Push(text.Substring(at, count));
                // What is shown can never be taken back.
                Assert.StartsWith(shown, text[..cut], StringComparison.Ordinal);
                at += count;
            }
            Assert.Equal(text[..cut], shown + filter.Flush());
            Assert.Equal(stopped, filter.Stopped);
        }
    }

    [Theory]
    [InlineData("Hello STOP world", "STOP", "Hello ", FinishReason.Stop)]
    [InlineData("Hello world", "o wor", "Hell", FinishReason.Stop)]
    [InlineData("Hello world", "world!", "Hello world", FinishReason.Length)]
    [InlineData("Grüße 🌍 an alle", "🌍 an", "Grüße ", FinishReason.Stop)]
    [InlineData("STOP", "STOP", "", FinishReason.Stop)]
    public void Accept_TokensOfAText_StopsAtTheStopText(string text, string stop, string expected, FinishReason finish)
    {
        using var rig = new DecodeRig();
        var ids = rig.Tokenizer.Encode(text, addSpecialTokens: false);
        using var session = Session(rig, ids.Count, stop);
        var pieces = Dictate(session, rig, ids);
        Assert.Equal(expected, string.Concat(pieces.Select(piece => piece.Text)));
        Assert.Equal(finish, pieces[^1].Finish);
        Assert.All(pieces.SkipLast(1), piece => Assert.Null(piece.Finish));
    }

    [Fact]
    public void Accept_StopId_EndsTheAnswerWithWhatWasHeldBack()
    {
        using var rig = new DecodeRig();
        var ids = rig.Tokenizer.Encode("It may ST", addSpecialTokens: false);
        using var session = Session(rig, 100, "STOP", stopId: 7);
        var pieces = Dictate(session, rig, [.. ids, 7]);
        Assert.Equal("It may ST", string.Concat(pieces.Select(piece => piece.Text)));
        Assert.Equal(FinishReason.Stop, pieces[^1].Finish);
        Assert.Equal(ids.Count + 1, pieces[^1].Tokens);
    }

    [Fact]
    public void Accept_ContextFull_EndsTheAnswer()
    {
        using var rig = new DecodeRig();
        var request = new GenerationRequest { Prompt = [1, 2, 3], Sampling = new SamplingSettings { Greedy = true } };
        using var session = new GenerationSession(request, rig.Tokenizer, Cache(rig), [], contextLength: 5, CancellationToken.None);
        Assert.Equal(FinishReason.Length, Dictate(session, rig, [40, 41, 42])[^1].Finish);
        Assert.True(session.Ended);
    }

    private static GenerationSession Session(DecodeRig rig, int tokens, string stop, int? stopId = null) =>
        new(new GenerationRequest { Prompt = [1], Sampling = new SamplingSettings { Greedy = true, MaxNewTokens = tokens, Stop = [stop] } },
            rig.Tokenizer, Cache(rig), stopId is { } id ? [id] : [], 1000, CancellationToken.None);

    private static KeyValueCache Cache(DecodeRig rig) => new(rig.Model.Config, rig.Model.ComputeType, rig.Model.Device);

    private static List<GeneratedPiece> Dictate(GenerationSession session, DecodeRig rig, IEnumerable<int> ids)
    {
        foreach (int id in ids)
        {
            if (session.Ended) break;
            var logits = new float[rig.Tokenizer.VocabularySize];
            logits[id] = 1;
            session.Accept(logits);
        }
        Assert.True(session.Ended);
        var pieces = new List<GeneratedPiece>();
        while (session.Pieces.TryRead(out var piece)) pieces.Add(piece);
        return pieces;
    }
}

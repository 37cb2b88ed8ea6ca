using Studio.Core.Generation;
using Studio.Core.Serving;
using Studio.Web.Playground;

namespace Studio.Tests.Web.Playground;

public sealed class PlaygroundTextTests
{
    [Fact]
    public void AnswerText_ManyPieces_IsTheWholeTextInPartsThatStay()
    {
        var text = new AnswerText();
        var all = string.Concat(Enumerable.Range(0, 500).Select(i => $"word{i} "));
        for (var i = 0; i < all.Length; i += 7)
            text.Append(all.Substring(i, Math.Min(7, all.Length - i)));
        var first = text.Parts[0];

        text.Append("end");

        Assert.Equal(all + "end", text.ToString());
        Assert.Equal(all.Length + 3, text.Length);
        Assert.Same(first, text.Parts[0]);
        Assert.All(text.Parts.SkipLast(1), part => Assert.InRange(part.Length, AnswerText.PartLength, AnswerText.PartLength + 7));
    }

    [Fact]
    public void AnswerText_PairAtTheEndOfAPart_IsNotTornApart()
    {
        var text = new AnswerText();
        text.Append(new string('a', AnswerText.PartLength - 1) + "\ud83d");

        text.Append("\ude00b");

        Assert.EndsWith("\ud83d\ude00b", text.Parts[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FinishReason.Stop, TurnState.Done)]
    [InlineData(FinishReason.Length, TurnState.CutOff)]
    public void Turn_LastPiece_EndsIt(FinishReason reason, TurnState expected)
    {
        var turn = new ChatTurn("Hi");
        Assert.Equal(TurnState.Waiting, turn.State);
        turn.Take(new ChatPiece(0, "Hel", null, 1, 0));
        Assert.Equal(TurnState.Answering, turn.State);

        turn.Take(new ChatPiece(0, "lo", reason, 2, 8));

        Assert.Equal((expected, "Hello", 2, 8d), (turn.State, turn.Answer.ToString(), turn.Tokens, turn.TokensPerSecond));
    }

    [Fact]
    public void Turn_Failed_KeepsWhatCameAndSaysWhy()
    {
        var turn = new ChatTurn("Hi");
        turn.Take(new ChatPiece(0, "Hel", null, 1, 0));
        turn.Take(new ChatPiece(0, "The context is full.", FinishReason.Error, 0, 0));

        turn.Take(new ChatPiece(0, "late", null, 2, 0));
        turn.End();

        Assert.Equal((TurnState.Failed, "Hel", "The context is full."), (turn.State, turn.Answer.ToString(), turn.Error));
    }

    [Fact]
    public void Messages_OfAConversation_AlternateAndLeaveOutWhatWasNotAnswered()
    {
        var pane = new PlaygroundPane(null);
        Answer(pane.Ask("one"), "first");
        pane.Ask("failed").Take(new ChatPiece(0, "no", FinishReason.Error, 0, 0));
        pane.Ask("stopped before a word").End();
        var half = pane.Ask("stopped");
        half.Take(new ChatPiece(0, "half", null, 1, 0));
        half.End();
        pane.Ask("now");

        var messages = pane.Messages("Be kind.").Select(message => $"{message.Role}: {message.Content}");

        Assert.Equal(["system: Be kind.", "user: one", "assistant: first", "user: stopped", "assistant: half", "user: now"], messages);
    }

    [Fact]
    public void Messages_NoSystemPrompt_HasNone()
    {
        var pane = new PlaygroundPane(null);
        pane.Ask("Hi");

        Assert.Equal("user", Assert.Single(pane.Messages("  ")).Role);
    }

    [Fact]
    public void Kept_WrittenAndRead_IsTheSame()
    {
        var pane = new PlaygroundPane("a");
        Answer(pane.Ask("<b>Hi</b>"), "Hello\nthere");
        pane.Ask("again").Take(new ChatPiece(0, "unfin", null, 1, 0));
        var kept = new KeptPlayground { ModelId = "m", Settings = new SamplingForm { Seed = "7", TopK = 3 }, Panes = [new KeptPane("a", [.. pane.Turns.Select(turn => turn.Keep())])] };

        var read = KeptPlayground.Parse(kept.ToJson())!;
        var restored = new PlaygroundPane("a");
        restored.Restore(read.Panes[0].Turns);

        Assert.Equal(kept.Settings, read.Settings);
        Assert.Equal(["Hello\nthere", "unfin"], restored.Turns.Select(turn => turn.Answer.ToString()));
        Assert.Equal([TurnState.Done, TurnState.Stopped], restored.Turns.Select(turn => turn.State));
    }

    [Fact]
    public void Kept_TooLong_KeepsTheSettingsOnly()
    {
        var pane = new PlaygroundPane(null);
        Answer(pane.Ask("Hi"), new string('x', KeptPlayground.MostCharacters));

        var read = KeptPlayground.Parse(new KeptPlayground { Settings = new SamplingForm { TopK = 3 }, Panes = [new KeptPane(null, [pane.Turns[0].Keep()])] }.ToJson())!;

        Assert.Empty(read.Panes);
        Assert.Equal(3, read.Settings.TopK);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"Version":2}""")]
    [InlineData("""{"Version":1,"Settings":null}""")]
    [InlineData("""{"Version":1,"Panes":[{"AdapterId":null,"Turns":[{"Prompt":"a"}]}]}""")]
    public void Kept_NotOurs_IsNothing(string? text) => Assert.Null(KeptPlayground.Parse(text));

    [Fact]
    public void Window_OfATurn_WaitsForTheFirstWordAndIsKept()
    {
        var turn = new ChatTurn("Hi");
        var window = new ChatWindow(512, 600, 380, 4, 132);
        turn.Take(new ChatPiece(0, "", null, 0, 0, window));
        Assert.Equal(TurnState.Waiting, turn.State);
        Assert.Equal(1, turn.Version);
        Answer(turn, "Hello");
        Assert.Equal(window, ChatTurn.Restore(turn.Keep()).Window);
        Assert.Equal(TurnState.Done, turn.State);
    }

    [Theory]
    [InlineData(0, "Beside the 380 tokens of the prompt there is room for an answer of 132.")]
    [InlineData(2, "The first turn was left out of what the model was given: the conversation has 600 tokens, and the context holds 512. Beside the 380 tokens of the prompt there is room for an answer of 132.")]
    [InlineData(4, "The first 2 turns were left out of what the model was given: the conversation has 600 tokens, and the context holds 512. Beside the 380 tokens of the prompt there is room for an answer of 132.")]
    public void WindowText_TellsTurnsAndLengths(int dropped, string text) => Assert.Equal(text, WindowText.Of(new ChatWindow(512, 600, 380, dropped, 132)));

    private static void Answer(ChatTurn turn, string text) => turn.Take(new ChatPiece(0, text, FinishReason.Stop, 2, 4));
}

using Studio.Core;
using Studio.Core.Generation;
using Studio.Core.Serving;
using Studio.Tests.Telemetry;
using Studio.Tests.Web.Doubles;
using Studio.Web.Playground;

namespace Studio.Tests.Web.Playground;

public sealed class PlaygroundSessionTests : IDisposable
{
    private readonly TestChatService _chat = new();
    private readonly TestTimeProvider _clock = new();
    private readonly PlaygroundSession _session;

    public PlaygroundSessionTests()
    {
        _session = new PlaygroundSession(_chat, _clock);
        _session.Show([null, "a"]);
    }

    public void Dispose() => _session.Dispose();

    [Fact]
    public async Task Ask_TwoPanes_IsOneRequestAndEachGetsItsAnswer()
    {
        var asking = AskAsync("Hi");
        _chat.Say(1, "Arr");
        _chat.Say(0, "Hello");
        _chat.Finish(0, "!");
        _chat.Finish(1, ", matey");
        _chat.End();

        Assert.Null(await asking);

        Assert.Equal([null, "a"], Assert.Single(_chat.Requests).Panes.Select(pane => pane.AdapterId));
        Assert.Equal(["Hello!", "Arr, matey"], _session.Panes.Select(pane => pane.Turns[^1].Answer.ToString()));
        Assert.False(_session.IsAnswering);
    }

    [Fact]
    public async Task Ask_Again_SendsTheConversationOfEachPane()
    {
        var first = AskAsync("Hi");
        _chat.Finish(0, "Hello");
        _chat.Finish(1, "Arr");
        _chat.End();
        await first;

        var second = AskAsync("Why?");
        _chat.End();
        await second;

        Assert.Equal(["Hi", "Arr", "Why?"], _chat.Requests[1].Panes[1].Messages.Select(message => message.Content));
    }

    [Fact]
    public async Task Ask_ABlendWhoseWeightsChange_KeepsTheConversationAndAsksForTheNewOnes()
    {
        _session.Show(["blend(1;a:0.5;b:1)"]);
        var first = AskAsync("Hi");
        _chat.Finish(0, "Hello");
        _chat.End();
        await first;

        _session.Choose(_session.Panes[0], "blend(0.9;a:1.5)");
        var second = AskAsync("Why?");
        _chat.End();
        await second;

        var (before, after) = (_chat.Requests[0].Panes[0], _chat.Requests[1].Panes[0]);
        Assert.Null(before.AdapterId);
        Assert.Equal([new ChatBlendPart("a", 0.5), new ChatBlendPart("b")], before.Blend!.Adapters);
        Assert.Equal((0.9, new ChatBlendPart("a", 1.5)), (after.Blend!.BaseShare, Assert.Single(after.Blend.Adapters)));
        Assert.Equal(["Hi", "Hello", "Why?"], after.Messages.Select(message => message.Content));
    }

    [Fact]
    public async Task Failure_OfOnePane_LeavesTheOtherAlone()
    {
        var asking = AskAsync("Hi");
        _chat.Finish(1, "The files are damaged.", 0, FinishReason.Error);
        _chat.Finish(0, "Hello");
        _chat.End();

        Assert.Null(await asking);

        Assert.Equal([TurnState.Done, TurnState.Failed], _session.Panes.Select(pane => pane.Turns[0].State));
        Assert.Equal("The files are damaged.", _session.Panes[1].Turns[0].Error);
    }

    [Fact]
    public async Task Stop_KeepsWhatCameAndEndsTheStream()
    {
        var asking = AskAsync("Hi");
        _chat.Say(0, "Hel");

        _session.Stop();
        await asking;

        Assert.Equal(1, _chat.Cancelled);
        Assert.All(_session.Panes, pane => Assert.Equal(TurnState.Stopped, pane.Turns[0].State));
    }

    [Fact]
    public async Task Dispose_WhileAnswering_EndsTheStream()
    {
        var asking = AskAsync("Hi");

        _session.Dispose();
        await asking;

        Assert.Equal(1, _chat.Cancelled);
    }

    [Fact]
    public async Task Refused_BeforeTheFirstPiece_TakesTheTurnsBackAndSaysWhy()
    {
        _chat.Refused = new StudioException("The model 'm' is not loaded.");

        var refusal = await AskAsync("Hi");

        Assert.Equal("The model 'm' is not loaded.", refusal!.Message);
        Assert.All(_session.Panes, pane => Assert.Empty(pane.Turns));
    }

    [Fact]
    public async Task Stream_EndsWithoutALastPiece_IsAFailureThatSaysSo()
    {
        var asking = AskAsync("Hi");
        _chat.Finish(0, "Hello");
        _chat.End();
        await asking;

        Assert.Equal([TurnState.Done, TurnState.Failed], _session.Panes.Select(pane => pane.Turns[0].State));
    }

    [Fact]
    public async Task Signals_ManyPieces_AreOneEachInterval()
    {
        var signals = 0;
        _session.Progressed += () => signals++;
        var asking = AskAsync("Hi");

        for (var i = 0; i < 1_000; i++)
            _chat.Say(0, "x", i);
        Assert.Equal(0, signals);
        _clock.Advance(PlaygroundSession.Interval);
        Assert.Equal(1, signals);
        _chat.End();
        await asking;

        // The last one shows the end; then there is silence.
        Assert.Equal(2, signals);
        _clock.Advance(PlaygroundSession.Interval * 10);
        Assert.Equal(2, signals);
    }

    [Fact]
    public void Show_OtherPanes_KeepsTheConversationsThatStay()
    {
        _session.Panes[0].Ask("Hi");
        _session.Panes[1].Ask("Hi");

        _session.Show([null, "b", "a"]);

        Assert.Equal([1, 0, 0], _session.Panes.Select(pane => pane.Turns.Count));
    }

    [Fact]
    public void Choose_SomeoneElse_StartsOver()
    {
        _session.Panes[1].Ask("Hi");

        _session.Choose(_session.Panes[1], "b");

        Assert.Equal((2, "b", 0), (_session.Panes.Count, _session.Panes[1].AdapterId, _session.Panes[1].Turns.Count));
    }

    private Task<Studio.Web.FineTunes.Refusal?> AskAsync(string prompt) => _session.AskAsync("m", _session.Panes, prompt, "", new SamplingSettings());
}

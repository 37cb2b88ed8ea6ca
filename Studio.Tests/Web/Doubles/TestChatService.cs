using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Studio.Core;
using Studio.Core.Generation;
using Studio.Core.Serving;

namespace Studio.Tests.Web.Doubles;

/// <summary>Answers with the pieces that a test hands out, and remembers what was asked.</summary>
internal sealed class TestChatService : IChatService
{
    private Channel<ChatPiece> _pieces = Channel.CreateUnbounded<ChatPiece>();

    private readonly Channel<ChatRequest> _begun = Channel.CreateUnbounded<ChatRequest>();

    public List<ChatRequest> Requests { get; } = [];

    /// <summary>Streams that were given up by their reader.</summary>
    public int Cancelled { get; private set; }

    /// <summary>What the next stream begins with instead of pieces; null = nothing.</summary>
    public StudioException? Refused { get; set; }

    public Task<IReadOnlyList<string>> CheckAsync(ChatRequest request, CancellationToken ct = default) => Task.FromResult(request.Sampling.Problems());

    public async IAsyncEnumerable<ChatPiece> StreamAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var pieces = _pieces.Reader;
        Requests.Add(request);
        _begun.Writer.TryWrite(request);
        if (Refused is { } refusal)
            throw refusal;
        try
        {
            await foreach (var piece in pieces.ReadAllAsync(ct))
                yield return piece;
        }
        finally
        {
            if (ct.IsCancellationRequested)
            {
                Cancelled++;
                _pieces = Channel.CreateUnbounded<ChatPiece>();
            }
        }
    }

    /// <summary>Waits until the next stream has begun.</summary>
    public async Task BegunAsync() => await _begun.Reader.ReadAsync(TestContext.Current.CancellationToken);

    /// <summary>A piece of an answer.</summary>
    public void Say(int pane, string text, int tokens = 1, double speed = 12.5) => _pieces.Writer.TryWrite(new ChatPiece(pane, text, null, tokens, speed));

    /// <summary>What the context does not hold, before an answer.</summary>
    public void Say(int pane, ChatWindow window) => _pieces.Writer.TryWrite(new ChatPiece(pane, "", null, 0, 0, window));

    /// <summary>The last piece of an answer.</summary>
    public void Finish(int pane, string text = "", int tokens = 3, FinishReason reason = FinishReason.Stop, PromptUse? prompt = null) =>
        _pieces.Writer.TryWrite(new ChatPiece(pane, text, reason, tokens, 12.5, Prompt: prompt));

    /// <summary>Ends the stream; the next one begins anew.</summary>
    public void End()
    {
        var ended = _pieces;
        _pieces = Channel.CreateUnbounded<ChatPiece>();
        ended.Writer.Complete();
    }
}

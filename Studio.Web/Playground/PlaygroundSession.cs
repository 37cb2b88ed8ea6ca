using Studio.Core.Generation;
using Studio.Core.Serving;
using Studio.Web.FineTunes;

namespace Studio.Web.Playground;

/// <summary>
/// The panes of one visitor and the one stream that answers all of them. Used on one thread at a time, in practice that of the circuit.
/// Pieces go into the turns as they come; whoever shows them is told at most every <see cref="Interval"/>, with a signal and no data, so a
/// slow browser sees fewer and larger steps and nothing waits in a queue for it.
/// </summary>
public sealed class PlaygroundSession(IChatService chat, TimeProvider clock) : IDisposable
{
    /// <summary>Least time between two signals.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    private readonly List<PlaygroundPane> _panes = [];
    private CancellationTokenSource? _stream;

    /// <summary>Raised on any thread while answers come, and once after their end.</summary>
    public event Action? Progressed;

    /// <summary>The panes.</summary>
    public IReadOnlyList<PlaygroundPane> Panes => _panes;

    /// <summary>Whether answers are being written.</summary>
    public bool IsAnswering => _stream is not null;

    /// <summary>Makes the panes these; a pane whose choice stays keeps its conversation. Ends a stream that runs.</summary>
    public void Show(IReadOnlyList<string?> adapters)
    {
        ArgumentNullException.ThrowIfNull(adapters);
        Stop();
        var before = _panes.ToList();
        _panes.Clear();
        for (var i = 0; i < adapters.Count; i++)
        {
            // The pane at the same place first: two panes may have the same choice.
            var kept = i < before.Count && before[i]?.AdapterId == adapters[i] ? before[i] : null;
            if (kept is not null)
                before[i] = null!;
            _panes.Add(kept ?? new PlaygroundPane(adapters[i]));
        }
    }

    /// <summary>Adds a pane.</summary>
    public void Add(string? adapterId) => _panes.Add(new PlaygroundPane(adapterId));

    /// <summary>Takes a pane away.</summary>
    public void Remove(PlaygroundPane pane) => _panes.Remove(pane);

    /// <summary>Puts someone else in a pane; the conversation starts over, unless it is a blend before and after.</summary>
    public void Choose(PlaygroundPane pane, string? adapterId)
    {
        ArgumentNullException.ThrowIfNull(pane);
        if (BlendChoice.Is(pane.AdapterId) && BlendChoice.Is(adapterId))
            pane.Continue(adapterId);
        else
            _panes[_panes.IndexOf(pane)] = new PlaygroundPane(adapterId);
    }

    /// <summary>Asks all given panes at once and returns when every answer has ended.</summary>
    /// <param name="modelId">The base model.</param>
    /// <param name="panes">The panes that can answer.</param>
    /// <param name="prompt">The question.</param>
    /// <param name="system">System prompt; empty = none.</param>
    /// <param name="sampling">Sampling settings.</param>
    /// <param name="whenTooLong">What happens to a conversation that is longer than the context.</param>
    /// <returns>Why nothing was asked; null when the answers came, failed or were stopped.</returns>
    public async Task<Refusal?> AskAsync(string modelId, IReadOnlyList<PlaygroundPane> panes, string prompt, string system, SamplingSettings sampling, TooLong whenTooLong = TooLong.DropOldest)
    {
        ArgumentNullException.ThrowIfNull(panes);
        if (IsAnswering)
            return null;
        ChatTurn[] turns = [.. panes.Select(pane => pane.Ask(prompt))];
        var request = new ChatRequest
        {
            ModelId = modelId,
            Panes = [.. panes.Select(pane => Asked(pane, system))],
            Sampling = sampling,
            WhenTooLong = whenTooLong,
        };
        using var stream = _stream = new CancellationTokenSource();
        try
        {
            await using var ticks = clock.CreateTimer(_ => Progressed?.Invoke(), null, Interval, Interval);
            return await ReadAsync(request, panes, turns, stream.Token);
        }
        finally
        {
            if (_stream == stream)
                _stream = null;
            Progressed?.Invoke();
        }
    }

    /// <summary>Ends the answers; what has come stays.</summary>
    public void Stop() => _stream?.Cancel();

    /// <summary>Ends the answers.</summary>
    public void Dispose() => Stop();

    private static ChatPane Asked(PlaygroundPane pane, string system) => BlendChoice.Parse(pane.AdapterId) is { } blend
        ? new ChatPane(null, pane.Messages(system), blend.ToChat())
        : new ChatPane(pane.AdapterId, pane.Messages(system));

    private async Task<Refusal?> ReadAsync(ChatRequest request, IReadOnlyList<PlaygroundPane> panes, ChatTurn[] turns, CancellationToken ct)
    {
        try
        {
            await foreach (var piece in chat.StreamAsync(request, ct))
                turns[piece.Pane].Take(piece);
            End(turns, "The answer ended before its last word.");
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            End(turns, null);
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            if (turns.Any(turn => turn.Version > 0))
            {
                End(turns, refusal.Message);
                return null;
            }
            foreach (var (pane, turn) in panes.Zip(turns))
                pane.TakeBack(turn);
            return refusal;
        }
        return null;
    }

    private static void End(ChatTurn[] turns, string? error)
    {
        foreach (var turn in turns)
            turn.End(error);
    }
}

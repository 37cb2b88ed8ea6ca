using Studio.Core.Text;

namespace Studio.Web.Playground;

/// <summary>One conversation with the base or an adapter.</summary>
/// <param name="adapterId">Who answers: an adapter, or the text of a <see cref="BlendChoice"/>; null = the plain base.</param>
public sealed class PlaygroundPane(string? adapterId)
{
    private readonly List<ChatTurn> _turns = [];

    /// <summary>Who answers: an adapter, or the text of a <see cref="BlendChoice"/>; null = the plain base.</summary>
    public string? AdapterId { get; private set; } = adapterId;

    /// <summary>Names the pane to the renderer as long as it is there.</summary>
    public Guid Key { get; } = Guid.NewGuid();

    /// <summary>The conversation.</summary>
    public IReadOnlyList<ChatTurn> Turns => _turns;

    /// <summary>Lets somebody else go on with the conversation, such as the same blend with other weights.</summary>
    public void Continue(string? adapterId) => AdapterId = adapterId;

    /// <summary>Begins a turn.</summary>
    public ChatTurn Ask(string prompt)
    {
        var turn = new ChatTurn(prompt);
        _turns.Add(turn);
        return turn;
    }

    /// <summary>Takes back a turn that never began.</summary>
    public void TakeBack(ChatTurn turn) => _turns.Remove(turn);

    /// <summary>Starts the conversation over.</summary>
    public void Clear() => _turns.Clear();

    /// <summary>Takes over a conversation that was kept.</summary>
    public void Restore(IEnumerable<KeptTurn> turns)
    {
        _turns.Clear();
        _turns.AddRange(turns.Select(ChatTurn.Restore));
    }

    /// <summary>
    /// What the model is given: the system prompt if there is one, the turns that were answered, and the last turn's question. Turns that
    /// failed or were stopped before the first word are left out, because a conversation alternates.
    /// </summary>
    public IReadOnlyList<ChatMessage> Messages(string system)
    {
        ArgumentNullException.ThrowIfNull(system);
        var messages = new List<ChatMessage>();
        if (!string.IsNullOrWhiteSpace(system))
            messages.Add(new ChatMessage("system", system));
        foreach (var turn in _turns.SkipLast(1).Where(turn => turn.State != TurnState.Failed && turn.Answer.Length > 0))
        {
            messages.Add(new ChatMessage("user", turn.Prompt));
            messages.Add(new ChatMessage("assistant", turn.Answer.ToString()));
        }
        if (_turns.Count > 0)
            messages.Add(new ChatMessage("user", _turns[^1].Prompt));
        return messages;
    }
}

using Studio.Core.Generation;
using Studio.Core.Serving;

namespace Studio.Web.Playground;

/// <summary>How an answer stands.</summary>
public enum TurnState
{
    /// <summary>No token has come yet.</summary>
    Waiting,

    /// <summary>It is being written.</summary>
    Answering,

    /// <summary>The model ended it.</summary>
    Done,

    /// <summary>It reached the most new tokens, or the context is full.</summary>
    CutOff,

    /// <summary>The user stopped it, or left while it was written.</summary>
    Stopped,

    /// <summary>It failed; <see cref="ChatTurn.Error"/> says why.</summary>
    Failed,
}

/// <summary>A question and its answer in one pane.</summary>
/// <param name="prompt">What the user said.</param>
public sealed class ChatTurn(string prompt)
{
    /// <summary>What the user said.</summary>
    public string Prompt => prompt;

    /// <summary>The answer so far.</summary>
    public AnswerText Answer { get; } = new();

    /// <summary>How it stands.</summary>
    public TurnState State { get; private set; }

    /// <summary>Tokens so far.</summary>
    public int Tokens { get; private set; }

    /// <summary>Tokens per second so far; 0 before the second token.</summary>
    public double TokensPerSecond { get; private set; }

    /// <summary>What the context did not hold; null where it held everything.</summary>
    public ChatWindow? Window { get; private set; }

    /// <summary>What was read for it; null before its end.</summary>
    public PromptUse? Read { get; private set; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; private set; }

    /// <summary>Grows with each change.</summary>
    public int Version { get; private set; }

    /// <summary>Whether nothing more will come.</summary>
    public bool HasEnded => State is not (TurnState.Waiting or TurnState.Answering);

    /// <summary>Takes over a piece of the answer.</summary>
    public void Take(ChatPiece piece)
    {
        ArgumentNullException.ThrowIfNull(piece);
        if (HasEnded)
            return;
        Version++;
        Window ??= piece.Window;
        if (piece is { Window: not null, Text: "", Finish: null })
            return;
        if (piece.Finish == FinishReason.Error)
        {
            (State, Error) = (TurnState.Failed, piece.Text);
            return;
        }

        Answer.Append(piece.Text);
        (Tokens, TokensPerSecond, Read) = (piece.Tokens, piece.TokensPerSecond, piece.Prompt);
        State = piece.Finish switch
        {
            null => TurnState.Answering,
            FinishReason.Stop => TurnState.Done,
            _ => TurnState.CutOff,
        };
    }

    /// <summary>Ends an answer that got no last piece; one that has ended stays as it is.</summary>
    /// <param name="error">Why, when it is nobody's wish.</param>
    public void End(string? error = null)
    {
        if (HasEnded)
            return;
        Version++;
        (State, Error) = (error is null ? TurnState.Stopped : TurnState.Failed, error);
    }

    /// <summary>The turn in a form to keep.</summary>
    public KeptTurn Keep() => new(prompt, Answer.ToString(), HasEnded ? State : TurnState.Stopped, Tokens, TokensPerSecond, Error, Window, Read);

    /// <summary>A turn that was kept.</summary>
    public static ChatTurn Restore(KeptTurn kept)
    {
        ArgumentNullException.ThrowIfNull(kept);
        var turn = new ChatTurn(kept.Prompt) { State = kept.State, Tokens = kept.Tokens, TokensPerSecond = kept.TokensPerSecond, Error = kept.Error, Window = kept.Window, Read = kept.Read };
        turn.Answer.Append(kept.Answer);
        return turn;
    }
}
